// P1: recording a journey in a large cluster must not cost more than writing it down does.
import { perJourney } from './per-journey.ts';
import type { Bench } from './types.ts';

export const p1: Bench = {
  id: 'P1',
  title: 'a traced journey among 10,000 Services / JSON.stringify of its trace',
  unit: 'x',
  goal: { most: 0.5, stretch: 0.2 },
  async run() {
    const { ms, mean, write } = (await perJourney()).large;
    return {
      value: ms / write,
      note: `${ms.toFixed(2)} ms (${mean.toFixed(2)} with garbage collection) / ${write.toFixed(2)} ms`,
    };
  },
};
