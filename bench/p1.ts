// P1: recording a journey in a large cluster must not cost more than writing it down does.
import { clusterWith, journeys } from './cluster.ts';
import { ratioOf } from './measure.ts';
import { perJourney } from './per-journey.ts';
import type { Bench } from './types.ts';

export const p1: Bench = {
  id: 'P1',
  title: 'a traced journey among 10,000 Services / JSON.stringify of its trace',
  unit: 'x',
  goal: { most: 0.5, stretch: 0.2 },
  async run() {
    const cluster = await clusterWith(10_000);
    const ms = perJourney([cluster])[0] ?? Number.NaN;
    const one = journeys(cluster, 1);
    const two = journeys(cluster, 2);
    // What the second journey added: a trace also holds the tables of the cluster, 110,000 rules of them.
    const added = {
      packets: two.packets.slice(one.packets.length),
      events: two.events.slice(one.events.length),
    };
    const { ms: write } = await ratioOf(
      () => JSON.stringify(added),
      () => null,
    );
    return { value: ms / write, note: `${ms.toFixed(2)} ms / ${write.toFixed(2)} ms` };
  },
};
