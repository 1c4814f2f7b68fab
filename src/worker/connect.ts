// Starts an engine: a Worker where the browser allows one, else the same code on the main thread (an embed under a strict worker-src
// policy). A worker that says nothing for a second is not waited for alone: the main thread gets ready too, and the first one wins.
import type { Channel, FromEngine, ToEngine } from './protocol.ts';

/** The page's end of the line to an engine, which says `ready` once it can take calls. */
export interface Link {
  readonly channel: Channel<ToEngine, FromEngine>;
  /** Sets the one listener for a death that no call can report: out of memory, a script that could not be loaded. */
  onDeath(listener: (message: string) => void): void;
}

export interface Spawns {
  /** Both may throw: a browser may forbid workers outright. */
  readonly worker: () => Link;
  readonly mainThread: () => Link;
  /** Milliseconds until the main thread is got ready beside a silent worker. */
  readonly patience: number;
}

export type Connected =
  { readonly ok: true; readonly link: Link } | { readonly ok: false; readonly message: string };

/** The first engine that is ready, or why there is none. Its listeners are the caller's from then on. */
export function connect({ worker, mainThread, patience }: Spawns): Promise<Connected> {
  return new Promise((resolve) => {
    const waiting = new Set<Link>();
    const troubles: string[] = [];
    let settled = false;
    const settle = (connected: Connected): void => {
      settled = true;
      clearTimeout(timer);
      for (const link of waiting) link.channel.close();
      resolve(connected);
    };

    const attempt = (spawn: () => Link, next: () => void): void => {
      let link: Link;
      try {
        link = spawn();
      } catch (error) {
        troubles.push(error instanceof Error ? error.message : String(error));
        next();
        return;
      }
      waiting.add(link);
      link.onDeath((message) => {
        if (settled || !waiting.delete(link)) return;
        link.channel.close();
        troubles.push(message);
        next();
      });
      link.channel.listen((message) => {
        if (settled || message.kind !== 'ready' || !waiting.delete(link)) return;
        settle({ ok: true, link });
      });
    };

    let tried = false;
    const giveUpIfNoneIsLeft = (): void => {
      if (waiting.size === 0) settle({ ok: false, message: troubles.join('; ') });
    };
    const fallBack = (): void => {
      if (tried) return giveUpIfNoneIsLeft();
      tried = true;
      clearTimeout(timer);
      attempt(mainThread, giveUpIfNoneIsLeft);
    };
    const timer = setTimeout(fallBack, patience);
    attempt(worker, fallBack);
  });
}
