// P11: what a reader waits for before the first view of the app, in scripts.
import { firstView, total } from '../tools/lib/sizes.mjs';
import type { Bench } from './types.ts';

export const p11: Bench = {
  id: 'P11',
  title: "JavaScript of the app's first view, gzip",
  unit: ' KB',
  goal: { most: 230, stretch: 170 },
  run: () => ({ value: total(firstView().scripts) / 1000 }),
};
