// Keeps the address bar on the step that is shown: replaced, never pushed, and only half a second after the reader came to rest.
import { printLocation } from '../../scenario/share/location.ts';
import { stepNow } from './player.ts';
import type { Stores } from './stores.ts';

export const SETTLED_MS = 500;

/** The query for what is shown, or null while there is nothing to link to. */
export function linkOf({ document, player }: Stores): string | null {
  const { scenario, rest } = document.getState();
  const step = stepNow(player.getState());
  if (scenario === null || step === null) return null;
  const { pinned, view, other } = rest;
  return printLocation({ kind: 'scenario', scenario, pinned, step: step.id, view, other }).search;
}

/** Calls `write` with the new query; gives the function that ends it. */
export function keepLink(stores: Stores, write: (search: string) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = stores.player.subscribe((now, before) => {
    if (now.cursor === before.cursor && now.playing === before.playing) return;
    clearTimeout(timer);
    if (now.playing || now.cursor === null || before.cursor === null) return;
    timer = setTimeout(() => {
      const link = linkOf(stores);
      if (link !== null) write(link);
    }, SETTLED_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
