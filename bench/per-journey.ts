// The time of a journey in a cluster that stands already. The engine boots the cluster in the same call, which takes a thousand times
// longer where it is large (that is P3's matter), so the clock is read whenever it takes the next journey from its list.
import { invariant } from '../src/base/assert.ts';
import { journeys } from './cluster.ts';
import { median } from './measure.ts';

const COUNT = 100;
/** The first ones fill neighbour tables and warm up the machine code. */
const WARM = 30;
const ROUNDS = 3;

type Cluster = Parameters<typeof journeys>[0];

function durations(cluster: Cluster): readonly number[] {
  const times: number[] = [];
  journeys(cluster, COUNT, () => times.push(performance.now()));
  // Whoever goes through the list again, after the run, adds to its end.
  invariant(times.length > COUNT, 'the engine took every journey from the list');
  return times.slice(1, COUNT + 1).map((time, i) => time - (times[i] ?? Number.NaN));
}

/** Milliseconds of one journey, in each of the clusters; they take turns. */
export function perJourney(clusters: readonly Cluster[]): readonly number[] {
  const samples = clusters.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, cluster] of clusters.entries())
      samples[i]?.push(...durations(cluster).slice(WARM));
  return samples.map(median);
}
