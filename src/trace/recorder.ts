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
  /** The same for many; the list is the recorder's from now on. */
  writes(writes: TableWrite[]): void;
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

const NO_WRITES: TableWrite[] = [];

interface Life {
  readonly birth: Birth;
  readonly revisions: Packet[];
  current: readonly Layer[];
  lastSeq: Seq | null;
  fate: Fate | null;
}

export const createRecorder = (budgets: Budgets, silent = false): Recorder =>
  new Writer(budgets, silent);

/** A class for its prototype: what every packet calls is the same code in every run. Plain members, not getters of a literal: such a
 *  getter gives each recorder a hidden class of its own, which keeps the whole trace until the next full collection of garbage. */
class Writer implements Recorder {
  readonly silent: boolean;
  exhausted: string | null = null;
  now = 0 as Nanos;
  private readonly budgets: Budgets;
  private readonly lives: Life[] = [];
  private readonly events: TraceEvent[] = [];
  private readonly marks: { step: string; seq: Seq }[] = [];
  /** Writes that wait for their event, which takes the list as it is. */
  private pending = NO_WRITES;
  private layers = 0;

  constructor(budgets: Budgets, silent: boolean) {
    this.budgets = budgets;
    this.silent = silent;
  }
  setTime(now: Nanos): void {
    this.now = now;
  }
  exhaust(why: string): void {
    this.exhausted ??= why;
  }
  layerId(): LayerId {
    return ++this.layers as LayerId;
  }
  packet(layers: readonly Layer[], birth: Birth): PacketId {
    const { lives } = this;
    const because = birth.because ?? birth.parent;
    lives.push({
      birth,
      revisions: this.silent ? [] : [{ layers }],
      current: layers,
      lastSeq: because === null ? null : (lives[because - 1]?.lastSeq ?? null),
      fate: null,
    });
    if (lives.length >= this.budgets.packetsPerRun)
      this.exhaust(`the run made ${this.budgets.packetsPerRun} packets`);
    return lives.length as PacketId;
  }
  write(write: TableWrite): void {
    if (this.silent) return;
    if (this.pending.length === 0) this.pending = [write];
    else this.pending.push(write);
  }
  writes(writes: TableWrite[]): void {
    if (this.silent || writes.length === 0) return;
    if (this.pending.length === 0) this.pending = writes;
    else this.pending = [...this.pending, ...writes];
  }
  takePending(): readonly TableWrite[] {
    const taken = this.pending;
    this.pending = NO_WRITES;
    return taken;
  }
  event<K extends EventKind>(
    kind: K,
    subject: Subject | null,
    site: Site,
    detail: EventDetails[K],
  ): Seq {
    const { events } = this;
    const life = subject === null ? null : this.lives[subject.id - 1]!;
    if (life !== null && life.current !== subject!.layers) this.revise(life, subject!.layers);
    const seq = events.length as Seq;
    if (this.silent) return seq;
    events.push({
      kind,
      seq,
      at: this.now,
      cause: life === null ? null : life.lastSeq,
      packet: subject === null ? null : subject.id,
      revision: life === null ? 0 : life.revisions.length - 1,
      site,
      writes: this.takePending(),
      detail,
    } as TraceEvent);
    if (life !== null) life.lastSeq = seq;
    if (events.length >= this.budgets.eventsPerRun)
      this.exhaust(`the run reached ${this.budgets.eventsPerRun} events`);
    return seq;
  }
  fate(id: PacketId, fate: Fate): void {
    this.lives[id - 1]!.fate ??= fate;
  }
  hasFate(id: PacketId): boolean {
    return this.lives[id - 1]!.fate !== null;
  }
  mark(step: string): void {
    this.marks.push({ step, seq: this.events.length as Seq });
  }
  finish(): ReturnType<Recorder['finish']> {
    return {
      packets: this.lives.map((life, i) => ({
        id: (i + 1) as PacketId,
        flow: life.birth.flow,
        parent: life.birth.parent,
        revisions: life.revisions,
        fate: life.fate ?? {
          kind: 'unfinished',
          why: this.exhausted ?? 'the run ended while it was under way',
        },
      })),
      events: this.events,
      marks: this.marks,
    };
  }

  /** A new revision: the layers are not those of the last one. */
  private revise(life: Life, layers: readonly Layer[]): void {
    life.current = layers;
    if (!this.silent) life.revisions.push({ layers });
  }
}
