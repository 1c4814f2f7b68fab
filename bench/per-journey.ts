// The time of a journey in a cluster that stands already, and of writing down what it added to the trace. The engine boots the cluster
// in the same call, which takes a thousand times longer where it is large (that is P3's matter), so the clock is read whenever it takes
// the next journey from its list.
//
// Journeys differ: which endpoint is drawn decides whether a tunnel is crossed, and 200 events are told or 560. So journeys are only
// compared with themselves: each has its own median over the rounds, and the sums of medians are what a measurement says. What is
// added now and then (collection of garbage, other programs) is seen in the mean.
import { invariant } from '../src/base/assert.ts';
import type { Trace } from '../src/trace/types.ts';
import { clusterWith, journeys } from './cluster.ts';
import { median } from './measure.ts';

const COUNT = 100;
/** The first ones fill neighbour tables. */
const WARM = 30;
const ROUNDS = 15;
/** Rounds before the first that counts: JSON.stringify is machine code from its first call on, the engine is not. */
const WARM_ROUNDS = 15;

/** Milliseconds a journey. */
interface PerJourney {
  readonly ms: number;
  /** With all that happens beside it. */
  readonly mean: number;
  /** JSON.stringify of the events and packets that the same journeys added. */
  readonly write: number;
}

type Cluster = Parameters<typeof journeys>[0];

interface Round {
  readonly times: readonly number[];
  readonly writes: readonly number[];
}

function round(cluster: Cluster): Round {
  const asked: number[] = [];
  const trace = journeys(cluster, COUNT, () => asked.push(performance.now()));
  // Whoever goes through the list again, after the run, adds to its end.
  invariant(asked.length > COUNT, 'the engine took every journey from the list');
  const times = asked.slice(1, COUNT + 1).map((time, i) => time - (asked[i] ?? Number.NaN));
  return { times: times.slice(WARM), writes: additions(trace).slice(WARM).map(timeOfWriting) };
}

/** What each journey added: a trace also holds the tables of the cluster, 110,000 rules of them. */
function additions({ events, packets, marks }: Trace): readonly unknown[] {
  const starts = marks.filter(({ step }) => step !== '').map(({ seq }) => seq);
  let born = 0;
  return starts.map((from, i) => {
    const own = events.slice(from, starts[i + 1] ?? events.length);
    const first = born;
    for (const { packet } of own) born = Math.max(born, packet ?? 0);
    return { packets: packets.slice(first, born), events: own };
  });
}

/** The first time fetches what is written, the second is measured. */
function timeOfWriting(added: unknown): number {
  JSON.stringify(added);
  const start = performance.now();
  JSON.stringify(added);
  return performance.now() - start;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
/** The mean of the journeys' medians over the rounds. */
const ofMedians = (rounds: readonly (readonly number[])[]): number =>
  mean((rounds[0] ?? []).map((_, i) => median(rounds.map((one) => one[i] ?? Number.NaN))));

async function measure(services: readonly number[]): Promise<readonly PerJourney[]> {
  const clusters = await Promise.all(services.map(clusterWith));
  const rounds = clusters.map((): Round[] => []);
  for (let i = 0; i < WARM_ROUNDS; i++) for (const cluster of clusters) round(cluster);
  for (let i = 0; i < ROUNDS; i++)
    for (const [c, cluster] of clusters.entries()) rounds[c]?.push(round(cluster));
  return rounds.map((all) => ({
    ms: ofMedians(all.map(({ times }) => times)),
    mean: median(all.map(({ times }) => mean(times))),
    write: ofMedians(all.map(({ writes }) => writes)),
  }));
}

let measured: ReturnType<typeof measure> | undefined;

/** In a large cluster and in a small one; they take turns. Measured once for all who ask. */
export async function perJourney(): Promise<{ large: PerJourney; small: PerJourney }> {
  const [large, small] = await (measured ??= measure([10_000, 10]));
  invariant(large !== undefined && small !== undefined, 'two clusters were measured');
  return { large, small };
}
