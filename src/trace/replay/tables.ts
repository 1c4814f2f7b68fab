// Every table at every moment. Writes are reversible, so the state at `seq` is a fold from wherever the cursor stands:
// forward with `after`, backward with `before`. No keyframes: folding 100,000 writes takes a few milliseconds.
import type { Row, Seq, TableId, TableWrite, Trace } from '../types.ts';

/** The moment before the first event: the tables as the run found them. */
export const START = -1 as Seq;

/** Rows by key, in the order in which the keys first appear in the trace: the same from wherever one came. */
export type Rows = ReadonlyMap<string, Row>;

export interface TablesView {
  rows(netns: string, table: TableId): Rows;
  row(netns: string, table: TableId, key: string): Row | null;
}

export interface Replay extends TablesView {
  /** State after this event. */
  readonly seq: Seq;
  /** Beyond the ends means the ends. */
  seek(seq: Seq): void;
  /** What there is to open, in the order of the trace. */
  readonly tables: readonly { readonly netns: string; readonly table: TableId }[];
}

interface Table {
  readonly netns: string;
  readonly table: TableId;
  readonly keys: string[];
  readonly rows: Map<string, Row>;
  /** What `rows` looked like when somebody asked; null since a write. */
  shown: Rows | null;
}

const EMPTY: Rows = new Map();

export function createReplay(trace: Trace): Replay {
  const tables = new Map<string, Table>();
  const known = new Set<string>();
  const tableOf = (write: Pick<TableWrite, 'netns' | 'table'>): Table => {
    const name = `${write.table} ${write.netns}`;
    let table = tables.get(name);
    if (table === undefined) {
      const { netns, table: id } = write;
      tables.set(name, (table = { netns, table: id, keys: [], rows: new Map(), shown: null }));
    }
    return table;
  };
  const announce = (write: TableWrite): void => {
    const id = `${write.table} ${write.netns} ${write.key}`;
    if (known.has(id)) return;
    known.add(id);
    tableOf(write).keys.push(write.key);
  };
  const put = (write: TableWrite, row: Row | null): void => {
    const table = tableOf(write);
    table.shown = null;
    if (row === null) table.rows.delete(write.key);
    else table.rows.set(write.key, row);
  };

  const events = trace.events;
  for (const write of trace.tables) announce(write);
  for (const event of events) for (const write of event.writes) announce(write);
  for (const write of trace.tables) put(write, write.after);

  let cursor = START as number;
  const forward = (): void => {
    cursor++;
    for (const write of events[cursor]!.writes) put(write, write.after);
  };
  const backward = (): void => {
    const { writes } = events[cursor]!;
    for (let i = writes.length - 1; i >= 0; i--) put(writes[i]!, writes[i]!.before);
    cursor--;
  };

  return {
    get seq() {
      return cursor as Seq;
    },
    seek(seq) {
      const goal = Math.max(START, Math.min(seq, events.length - 1));
      while (cursor < goal) forward();
      while (cursor > goal) backward();
    },
    rows(netns, id) {
      const table = tables.get(`${id} ${netns}`);
      if (table === undefined) return EMPTY;
      return (table.shown ??= show(table));
    },
    row: (netns, id, key) => tables.get(`${id} ${netns}`)?.rows.get(key) ?? null,
    tables: [...tables.values()],
  };
}

function show(table: Table): Rows {
  const rows = new Map<string, Row>();
  for (const key of table.keys) {
    const row = table.rows.get(key);
    if (row !== undefined) rows.set(key, row);
  }
  return rows;
}

const replays = new WeakMap<Trace, Replay>();

/** The tables after event `seq`. Views share one cursor, which moves when one of them is asked. */
export function tablesAt(trace: Trace, seq: Seq): TablesView {
  let shared = replays.get(trace);
  if (shared === undefined) replays.set(trace, (shared = createReplay(trace)));
  const replay = shared;
  return {
    rows(netns, table) {
      replay.seek(seq);
      return replay.rows(netns, table);
    },
    row(netns, table, key) {
      replay.seek(seq);
      return replay.row(netns, table, key);
    },
  };
}
