// What the page and the engine say to each other: one map of methods, plain data over any message port (a Worker, a MessageChannel).
// Answers, mistakes of the user, bugs of ours and used-up budgets are different things here, and stay so up to the screen.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { LinuxNetwork } from '../network/types.ts';
import type { Scenario } from '../scenario/schema/decode.ts';
import type { Trace } from '../trace/types.ts';
import type { PackedSimulation, Standing } from './packing.ts';

/** name -> what goes in, what comes out. A new method is one entry; then handlers that lack it do not compile. */
export interface Methods {
  readonly simulate: {
    readonly params: {
      /** The scenario as YAML text. */
      readonly scenario: string;
      /** Values of the choices that the scenario offers (`mode` -> `ipvs`). What is absent has its default. */
      readonly choices?: Readonly<Record<string, string>>;
    };
    readonly result: Simulation;
    /** The result on its way. */
    readonly packed: PackedSimulation;
  };
}
export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]['params'];
export type ResultOf<M extends MethodName> = Methods[M]['result'];
export type PackedOf<M extends MethodName> = Methods[M]['packed'];

/** What exporters and the canvas work from. Warnings are in `trace.diagnostics`. */
export interface Simulation {
  /** The document that was read, with its defaults filled in. */
  readonly scenario: Scenario;
  readonly network: LinuxNetwork;
  readonly trace: Trace;
}

/** What a handler says of one call. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** A budget ended the work: the value holds what there was until then. */
  | { readonly kind: 'unfinished'; readonly value: T; readonly why: string }
  /** The input is wrong, and the reader can put it right. */
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] }
  /** The handler saw `shouldStop` and gave up. */
  | { readonly kind: 'cancelled' };

/** What the caller gets: an answer, or the news that there will be none. Never a rejected promise. */
export type Outcome<T> =
  | Answer<T>
  /** A bug of ours, or a browser that cannot run the engine. */
  | { readonly kind: 'crashed'; readonly message: string; readonly stack: string | null };

/** How far a call has come, in units of its own (events of a run). `total` null: nobody can know. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
}

export type ToEngine =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly method: MethodName;
      readonly params: Params<MethodName>;
      /** The number of what the page has from an earlier answer, and need not get again. */
      readonly has: Standing['id'] | null;
    }
  | { readonly kind: 'cancel'; readonly id: number };

export type FromEngine =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | {
      readonly kind: 'outcome';
      readonly id: number;
      readonly outcome: Outcome<PackedOf<MethodName>>;
    };

/** One side of a connection, the same for a Worker, its inside and a MessagePort. */
export interface Channel<Out, In> {
  post(message: Out, transfer?: readonly Transferable[]): void;
  /** Sets the one listener. Messages wait until there is one. */
  listen(receive: (message: In) => void): void;
  close(): void;
}

/** A channel over a MessagePort, of a browser or of Node. */
export function portChannel<Out, In>(port: MessagePort): Channel<Out, In> {
  return {
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    listen(receive) {
      // Setting `onmessage` also starts the port, which keeps messages until then.
      port.onmessage = (event: MessageEvent<In>) => receive(event.data);
    },
    close: () => port.close(),
  };
}
