// What is judged: the runs of a recording (../shared/conformance/kernel/SCHEMA.md), whether a real kernel or the engine wrote them.
import type { Json } from '../predict/observe.ts';

export type JsonObject = { readonly [key: string]: Json };

/** One flow, in a recording's form. A field that is missing was not predicted. */
export interface Run {
  readonly observations?: readonly JsonObject[];
  readonly packets?: readonly JsonObject[];
  readonly conntrack?: Readonly<Record<string, readonly JsonObject[]>>;
  readonly rules_moved?: readonly JsonObject[];
  readonly drops?: readonly JsonObject[];
  readonly result?: JsonObject | readonly JsonObject[];
  readonly trace?: readonly JsonObject[];
  readonly neigh_after?: Readonly<Record<string, readonly JsonObject[]>>;
  readonly fdb_after?: Readonly<Record<string, readonly JsonObject[]>>;
}

/** Where two runs part: what the kernel did, what the engine said, and the little that came before it. */
export interface Difference {
  readonly place: string;
  readonly at: number | null;
  readonly kernel: string | null;
  readonly engine: string | null;
  readonly before: readonly string[];
}
