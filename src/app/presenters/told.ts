// What a step is told as. Sentences come from the message catalogue; facts from the trace.
import type { Trace } from '../../trace/types.ts';
import type { Step } from '../../trace/steps/types.ts';
import type { Messages } from '../messages/en.ts';
import type { SourceId } from './sources.ts';

export interface Told {
  /** `node-a · PREROUTING` */
  readonly where: string;
  /** A headline for lists. */
  readonly title: string;
  readonly what: string;
  readonly why: string;
  readonly source: SourceId;
  /** The one change that matters most, if any. */
  readonly change: { readonly before: string; readonly after: string } | null;
}

export interface Telling {
  readonly trace: Trace;
  readonly step: Step;
  readonly m: Messages;
}

/** What a presenter says; where it happens is the same rule for all. */
export type Said = Omit<Told, 'where' | 'change'> & {
  readonly change?: Told['change'] | undefined;
};
export type Presenter = (t: Telling) => Said;
