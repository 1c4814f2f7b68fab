// P2: a journey must not take longer because a cluster is large. (In the kernel it does: rules are walked one by one.)
import { clusterWith } from './cluster.ts';
import { perJourney } from './per-journey.ts';
import type { Bench } from './types.ts';

export const p2: Bench = {
  id: 'P2',
  title: 'a traced journey among 10,000 Services / among 10',
  unit: 'x',
  goal: { most: 1.5, stretch: 1.15 },
  async run() {
    const clusters = [await clusterWith(10_000), await clusterWith(10)];
    const [large = Number.NaN, small = Number.NaN] = perJourney(clusters);
    return { value: large / small, note: `${large.toFixed(2)} ms / ${small.toFixed(2)} ms` };
  },
};
