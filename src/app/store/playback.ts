// Playing: the next step comes when the packet has arrived and its sentence could be read. A hidden page pauses.
import { tell } from '../presenters/index.ts';
import { indexNow, stepNow, stepsNow, type PlayerStore } from './player.ts';

const WORDS_A_MINUTE = 240;
export const TRAVEL_MS = 700;
const LEAST_MS = 1200;

/** Milliseconds that a step stays at speed 1. */
export function dwellOf(words: number): number {
  return Math.max(LEAST_MS, (words / WORDS_A_MINUTE) * 60_000);
}

export function keepPlaying(player: PlayerStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const plan = (): void => {
    clearTimeout(timer);
    const s = player.getState();
    const step = stepNow(s);
    if (!s.playing || s.trace === null || step === null) return;
    const { what, why } = tell(s.trace, step);
    const wait = (TRAVEL_MS + dwellOf(`${what} ${why}`.split(/\s+/).length)) / s.rate;
    timer = setTimeout(() => {
      const now = player.getState();
      if (indexNow(now) < stepsNow(now).length - 1) now.next();
      else now.pause();
    }, wait);
  };
  const stop = player.subscribe((now, before) => {
    if (now.playing !== before.playing || now.cursor !== before.cursor || now.rate !== before.rate)
      plan();
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
