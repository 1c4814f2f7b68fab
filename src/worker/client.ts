// The page's end of the engine: one call at a time counts, the newest. An engine that does not let go of an abandoned call is ended and
// another one started. Promises never reject: what went wrong is an outcome, and each kind of it can be told apart.
import { connect } from './connect.ts';
import type { Link, Spawns } from './connect.ts';
import type {
  FromEngine,
  MethodName,
  Outcome,
  PackedOf,
  Params,
  Progress,
  ResultOf,
  ToEngine,
} from './protocol.ts';
import { unpack } from './packing.ts';
import type { Standing } from './packing.ts';
import { crashOf } from './serve.ts';
import { engineSpawns } from './spawn.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface EngineClient {
  /** Starts the engine ahead of the first call. */
  start(): void;
  /** A newer call of the same method cancels an older one. */
  call<M extends MethodName>(
    method: M,
    params: Params<M>,
    options?: CallOptions,
  ): Promise<Outcome<ResultOf<M>>>;
  /** Ends the engine. Open calls, and later ones, come out as cancelled. */
  dispose(): void;
}

export interface ClientOptions {
  readonly spawns?: Spawns;
  /** Milliseconds that an engine has to let go of a cancelled call. */
  readonly cancelGrace?: number;
}

interface Pending {
  readonly call: Omit<Extract<ToEngine, { kind: 'call' }>, 'has'>;
  readonly settle: (outcome: Outcome<unknown>) => void;
  readonly onProgress: (progress: Progress) => void;
  posted: boolean;
  /** What the page had of this engine when the call was posted. */
  had: Standing | null;
}

const CANCELLED = { kind: 'cancelled' } as const;

export function createEngineClient({
  spawns = engineSpawns,
  cancelGrace = 500,
}: ClientOptions = {}): EngineClient {
  const pending = new Map<number, Pending>();
  /** Cancelled calls whose end the engine has not yet confirmed. */
  const overdue = new Map<number, ReturnType<typeof setTimeout>>();
  let link: Link | null = null;
  /** What stood before the last journey that this engine told of. */
  let standing: Standing | null = null;
  let connecting = false;
  let disposed = false;
  let nextId = 1;

  const settleAll = (outcome: Outcome<never>): void => {
    const open = [...pending.values()];
    pending.clear();
    for (const { settle } of open) settle(outcome);
  };
  const hangUp = (): void => {
    for (const timer of overdue.values()) clearTimeout(timer);
    overdue.clear();
    link?.channel.close();
    link = null;
    standing = null;
  };

  const receive = (message: FromEngine): void => {
    if (message.kind === 'ready') return;
    const waiting = pending.get(message.id);
    if (message.kind === 'progress') {
      waiting?.onProgress(message.progress);
      return;
    }
    clearTimeout(overdue.get(message.id));
    overdue.delete(message.id);
    pending.delete(message.id);
    waiting?.settle(open(message.outcome, waiting.had));
  };
  const open = (
    outcome: Outcome<PackedOf<MethodName>>,
    had: Standing | null,
  ): Outcome<ResultOf<MethodName>> => {
    if (outcome.kind !== 'done' && outcome.kind !== 'unfinished') return outcome;
    try {
      const unpacked = unpack(outcome.value, had);
      standing = unpacked.standing;
      return { ...outcome, value: unpacked.simulation };
    } catch (error) {
      return crashOf(error);
    }
  };

  const flush = (): void => {
    if (link === null) return;
    for (const waiting of pending.values()) {
      if (waiting.posted) continue;
      waiting.posted = true;
      waiting.had = standing;
      link.channel.post({ ...waiting.call, has: standing === null ? null : standing.id });
    }
  };

  const ensureLink = async (): Promise<void> => {
    if (link !== null || connecting || disposed) return;
    connecting = true;
    const connected = await connect(spawns);
    connecting = false;
    if (!connected.ok) {
      const message = `The engine did not start: ${connected.message}`;
      settleAll({ kind: 'crashed', message, stack: null });
      return;
    }
    link = connected.link;
    // Disposed in the meantime.
    if (disposed) return hangUp();
    link.channel.listen(receive);
    link.onDeath((message) => {
      hangUp();
      settleAll({ kind: 'crashed', message, stack: null });
    });
    flush();
  };

  const restart = (): void => {
    hangUp();
    for (const waiting of pending.values()) waiting.posted = false;
    if (pending.size > 0) void ensureLink();
  };

  const cancel = (id: number): void => {
    const waiting = pending.get(id);
    if (waiting === undefined) return;
    pending.delete(id);
    waiting.settle(CANCELLED);
    if (!waiting.posted || link === null) return;
    link.channel.post({ kind: 'cancel', id });
    overdue.set(id, setTimeout(restart, cancelGrace));
  };

  return {
    start: () => void ensureLink(),
    call: <M extends MethodName>(method: M, params: Params<M>, options: CallOptions = {}) =>
      new Promise<Outcome<ResultOf<M>>>((resolve) => {
        const { signal, onProgress = () => {} } = options;
        if (disposed || signal?.aborted === true) return resolve(CANCELLED);
        for (const [id, older] of pending) if (older.call.method === method) cancel(id);
        const id = nextId++;
        const abort = (): void => cancel(id);
        signal?.addEventListener('abort', abort, { once: true });
        pending.set(id, {
          call: { kind: 'call', id, method, params },
          settle(outcome) {
            signal?.removeEventListener('abort', abort);
            // The engine answers a call of M with a result of M: `Handlers` has it typed on the other side.
            resolve(outcome as Outcome<ResultOf<M>>);
          },
          onProgress,
          posted: false,
          had: null,
        });
        if (link === null) void ensureLink();
        else flush();
      }),
    dispose() {
      disposed = true;
      hangUp();
      settleAll(CANCELLED);
    },
  };
}
