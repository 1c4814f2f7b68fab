// P2: a journey must not take longer because a cluster is large. (In the kernel it does: rules are walked one by one.)
import { perJourney } from './per-journey.ts';
import type { Bench } from './types.ts';

export const p2: Bench = {
  id: 'P2',
  title: 'a traced journey among 10,000 Services / among 10',
  unit: 'x',
  goal: { most: 1.5, stretch: 1.15 },
  async run() {
    const { large, small } = await perJourney();
    return {
      value: large.ms / small.ms,
      note: `${large.ms.toFixed(2)} ms / ${small.ms.toFixed(2)} ms`,
    };
  },
};
