// The grades of a prediction, with the meaning that ../shared/conformance/bin/compare-kernel.mjs gives them.
// To add one: a line in GRADES with the field it reads and its judge. A judge returns the first difference, or null.
import { canon, groupBy, only, text, without } from './canon.ts';
import { bagsDiffer, firstInSequence, sequencesDiffer } from './compare.ts';
import { dropsDiffer } from './drops.ts';
import { withSortedFlags } from './rename.ts';
import type { Difference, JsonObject, Run } from './types.ts';

interface GradeSpec {
  /** The part of a run that must be there for this grade. */
  readonly field: keyof Run;
  readonly judge: (kernel: Run, engine: Run) => Difference | null;
}

const header = (o: JsonObject): string => canon(without(o, 'i', 't_us', 'pkt'));

function sequencesBy(
  key: (one: JsonObject) => string,
  form: (one: JsonObject) => string,
): (list: readonly JsonObject[] | undefined) => ReadonlyMap<string, readonly string[]> {
  return (list) =>
    new Map([...groupBy(list ?? [], key)].map(([name, group]) => [name, group.map(form)]));
}

type ByNamespace = Readonly<Record<string, readonly JsonObject[]>> | undefined;

function tablesDiffer(
  kernel: ByNamespace,
  engine: ByNamespace,
  form: (row: JsonObject) => string,
): Difference | null {
  for (const ns of new Set([...Object.keys(kernel ?? {}), ...Object.keys(engine ?? {})])) {
    const found = bagsDiffer(ns, (kernel?.[ns] ?? []).map(form), (engine?.[ns] ?? []).map(form));
    if (found !== null) return found;
  }
  return null;
}

const byCrossing = sequencesBy(
  (o) => `${text(o['ns'])}:${text(o['if'])}:${text(o['dir'])}`,
  header,
);
const byNamespace = sequencesBy((o) => text(o['ns']), header);
const byHook = sequencesBy(
  (t) => `${text(t['ns'])}:${text(t['hook'])}`,
  (t) => canon(only(t, 'in', 'out', 'physin', 'physout', 'src', 'dst', 'steps')),
);
const pathOf = (packet: JsonObject): string => {
  const path = packet['path'];
  return canon(Array.isArray(path) ? path.map(text).sort() : []);
};
const resultsOf = (result: Run['result']): readonly string[] =>
  (Array.isArray(result) ? (result as readonly JsonObject[]) : [(result ?? {}) as JsonObject]).map(
    (one) => canon(only(one, 'result', 'served_by', 'error', 'stage')),
  );

export const GRADES = {
  /** For each (ns, if, dir): the sequence of headers. */
  observations: {
    field: 'observations',
    judge: (a, b) => sequencesDiffer(byCrossing(a.observations), byCrossing(b.observations)),
  },
  /** For each ns: the sequence over all its interfaces. */
  order: {
    field: 'observations',
    judge: (a, b) => sequencesDiffer(byNamespace(a.observations), byNamespace(b.observations)),
  },
  /** The packets' paths, each as a set of crossings. */
  paths: {
    field: 'packets',
    judge: (a, b) =>
      bagsDiffer('paths', (a.packets ?? []).map(pathOf), (b.packets ?? []).map(pathOf)),
  },
  conntrack: {
    field: 'conntrack',
    judge: (a, b) => tablesDiffer(a.conntrack, b.conntrack, (row) => canon(withSortedFlags(row))),
  },
  rules_moved: {
    field: 'rules_moved',
    judge: (a, b) => {
      const form = (list: readonly JsonObject[] | undefined): readonly string[] =>
        (list ?? []).map((rule) => canon(without(rule, 'rule')));
      return bagsDiffer('rules', form(a.rules_moved), form(b.rules_moved));
    },
  },
  drops: { field: 'drops', judge: (a, b) => dropsDiffer(a.drops ?? [], b.drops ?? []) },
  /** What the client saw. */
  result: {
    field: 'result',
    judge: (a, b) => firstInSequence('client', resultsOf(a.result), resultsOf(b.result)),
  },
  /** For each (ns, hook): what the TRACE target told. */
  trace: { field: 'trace', judge: (a, b) => sequencesDiffer(byHook(a.trace), byHook(b.trace)) },
  neigh_after: {
    field: 'neigh_after',
    judge: (a, b) =>
      tablesDiffer(a.neigh_after, b.neigh_after, (row) =>
        canon(only(row, 'ip', 'dev', 'mac', 'state')),
      ),
  },
  fdb_after: {
    field: 'fdb_after',
    judge: (a, b) => tablesDiffer(a.fdb_after, b.fdb_after, canon),
  },
} as const satisfies Record<string, GradeSpec>;

export type Grade = keyof typeof GRADES;
export const GRADE_NAMES = Object.keys(GRADES) as readonly Grade[];
