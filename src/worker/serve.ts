// The engine's end of the line: takes calls from a channel, runs handlers, answers. Knows nothing of the engine itself, so the same
// code serves a Worker, the page (where workers are forbidden) and a test.
import { createPacker } from './packing.ts';
import type { Packer } from './packing.ts';
import type {
  Answer,
  Channel,
  FromEngine,
  MethodName,
  Methods,
  Outcome,
  Params,
  Progress,
  ResultOf,
  ToEngine,
} from './protocol.ts';

export interface CallContext {
  /** The caller no longer wants the answer. True only after the handler has let messages in with `breathe`. */
  shouldStop(): boolean;
  /** Lets waiting messages in. A handler that works for long awaits it now and then. */
  breathe(): Promise<void>;
  progress(progress: Progress): void;
}

export type Handlers = {
  readonly [M in MethodName]: (
    params: Params<M>,
    context: CallContext,
  ) => Answer<ResultOf<M>> | Promise<Answer<ResultOf<M>>>;
};

/** Serves until the channel closes. Calls run one after the other, in order; a cancelled one that waits does not run at all. */
export function serveEngine(channel: Channel<FromEngine, ToEngine>, handlers: Handlers): void {
  const cancelled = new Set<number>();
  const pack = createPacker();
  let line = Promise.resolve();

  channel.listen((message) => {
    if (message.kind === 'cancel') {
      cancelled.add(message.id);
      return;
    }
    const { id, method, params, has } = message;
    line = line.then(async () => {
      // One turn of the message loop, so that a cancel that was sent right after the call is seen.
      await turn();
      const outcome: Outcome<ResultOf<MethodName>> = cancelled.has(id)
        ? { kind: 'cancelled' }
        : await answer(handlers, method, params, {
            shouldStop: () => cancelled.has(id),
            breathe: turn,
            progress: (progress) => channel.post({ kind: 'progress', id, progress }),
          });
      cancelled.delete(id);
      send(channel, { id, outcome, has }, pack);
    });
  });
  channel.post({ kind: 'ready' });
}

async function answer(
  handlers: Handlers,
  method: MethodName,
  params: Methods[MethodName]['params'],
  context: CallContext,
): Promise<Outcome<ResultOf<MethodName>>> {
  try {
    return await handlers[method](params, context);
  } catch (error) {
    return crashOf(error);
  }
}

interface Reply {
  readonly id: number;
  readonly outcome: Outcome<ResultOf<MethodName>>;
  readonly has: number | null;
}

function send(
  channel: Channel<FromEngine, ToEngine>,
  { id, outcome, has }: Reply,
  pack: Packer,
): void {
  try {
    if (outcome.kind !== 'done' && outcome.kind !== 'unfinished')
      return channel.post({ kind: 'outcome', id, outcome });
    const { message: value, transfer } = pack(outcome.value, has);
    channel.post({ kind: 'outcome', id, outcome: { ...outcome, value } }, transfer);
  } catch (error) {
    // A value that cannot be copied to the other side is a bug of ours like any other.
    channel.post({ kind: 'outcome', id, outcome: crashOf(error) });
  }
}

export function crashOf(error: unknown): Extract<Outcome<never>, { kind: 'crashed' }> {
  return error instanceof Error
    ? { kind: 'crashed', message: error.message, stack: error.stack ?? null }
    : { kind: 'crashed', message: String(error), stack: null };
}

/** One round of the message loop: messages are delivered there, not between microtasks. A timer would do the same a millisecond later. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
