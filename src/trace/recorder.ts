// How the engine writes a trace: the one mutable thing that it hands around. A silent recorder keeps packets' fates but no
// events, so that the same data path answers "does it arrive" at full speed.
import type { Nanos } from '../base/queue.ts';
import type { Layer, LayerId, Packet, PacketId } from '../wire/types.ts';
import type {
  Budgets,
  EventDetails,
  EventKind,
  Fate,
  PacketRecord,
  Seq,
  Site,
  TableWrite,
  TraceEvent,
} from './types.ts';

/** What the recorder needs to know of a packet in flight. */
export interface Subject {
  readonly id: PacketId;
  readonly layers: readonly Layer[];
}

export interface Birth {
  /** The step of the input that it belongs to. */
  readonly flow: string | null;
  /** The packet that it is a copy or piece of. */
  readonly parent: PacketId | null;
  /** The packet that made it necessary. */
  readonly because: PacketId | null;
}

export interface Recorder {
  readonly silent: boolean;
  /** The budget that ended the run, in a sentence, or null. */
  readonly exhausted: string | null;
  readonly now: Nanos;
  setTime(now: Nanos): void;
  exhaust(why: string): void;
  layerId(): LayerId;
  packet(layers: readonly Layer[], birth: Birth): PacketId;
  /** A table changed. Attached to the next event, which is the one that tells why. */
  write(write: TableWrite): void;
  /** Writes that no event has told of yet (what was there before the first one). */
  takePending(): readonly TableWrite[];
  event<K extends EventKind>(
    kind: K,
    subject: Subject | null,
    site: Site,
    detail: EventDetails[K],
  ): Seq;
  /** The first fate counts; a packet has one. */
  fate(id: PacketId, fate: Fate): void;
  hasFate(id: PacketId): boolean;
  mark(step: string): void;
  finish(): {
    readonly packets: readonly PacketRecord[];
    readonly events: readonly TraceEvent[];
    readonly marks: readonly { readonly step: string; readonly seq: Seq }[];
  };
}

const NO_WRITES: readonly TableWrite[] = [];

interface Life {
  readonly birth: Birth;
  readonly revisions: Packet[];
  current: readonly Layer[];
  lastSeq: Seq | null;
  fate: Fate | null;
}

export function createRecorder(budgets: Budgets, silent = false): Recorder {
  const lives: Life[] = [];
  const events: TraceEvent[] = [];
  const marks: { step: string; seq: Seq }[] = [];
  /** Writes that wait for their event: the first `waiting` of them. */
  const pending: TableWrite[] = [];
  let waiting = 0;
  let layers = 0;
  let now = 0 as Nanos;
  let exhausted: string | null = null;
  const exhaust = (why: string): void => {
    exhausted ??= why;
  };

  const takePending = (): readonly TableWrite[] => {
    if (waiting === 0) return NO_WRITES;
    const taken = pending.slice(0, waiting);
    waiting = 0;
    return taken;
  };

  /** A new revision if the layers are not those of the last one. */
  const revise = (life: Life, subject: Subject): void => {
    if (life.current === subject.layers) return;
    life.current = subject.layers;
    if (!silent) life.revisions.push({ layers: subject.layers });
  };

  return {
    silent,
    get exhausted() {
      return exhausted;
    },
    get now() {
      return now;
    },
    setTime: (time) => {
      now = time;
    },
    exhaust,
    layerId: () => ++layers as LayerId,
    packet(first, birth) {
      const because = birth.because ?? birth.parent;
      lives.push({
        birth,
        revisions: silent ? [] : [{ layers: first }],
        current: first,
        lastSeq: because === null ? null : (lives[because - 1]?.lastSeq ?? null),
        fate: null,
      });
      if (lives.length >= budgets.packetsPerRun)
        exhaust(`the run made ${budgets.packetsPerRun} packets`);
      return lives.length as PacketId;
    },
    write(write) {
      if (!silent) pending[waiting++] = write;
    },
    takePending,
    event(kind, subject, site, detail) {
      const life = subject === null ? null : lives[subject.id - 1]!;
      if (life !== null && subject !== null) revise(life, subject);
      const seq = events.length as Seq;
      if (silent) return seq;
      events.push({
        kind,
        seq,
        at: now,
        cause: life === null ? null : life.lastSeq,
        packet: subject === null ? null : subject.id,
        revision: life === null ? 0 : life.revisions.length - 1,
        site,
        writes: takePending(),
        detail,
      } as TraceEvent);
      if (life !== null) life.lastSeq = seq;
      if (events.length >= budgets.eventsPerRun)
        exhaust(`the run reached ${budgets.eventsPerRun} events`);
      return seq;
    },
    fate(id, fate) {
      const life = lives[id - 1]!;
      life.fate ??= fate;
    },
    hasFate: (id) => lives[id - 1]!.fate !== null,
    mark(step) {
      marks.push({ step, seq: events.length as Seq });
    },
    finish: () => ({
      packets: lives.map((life, i) => ({
        id: (i + 1) as PacketId,
        flow: life.birth.flow,
        parent: life.birth.parent,
        revisions: life.revisions,
        fate: life.fate ?? {
          kind: 'unfinished',
          why: exhausted ?? 'the run ended while it was under way',
        },
      })),
      events,
      marks,
    }),
  };
}
