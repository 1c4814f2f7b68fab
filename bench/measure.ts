// Medians of times. Two things that are compared take turns, so that a busy machine slows both.

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

type Work = () => unknown;
const ROUNDS = 9;
/** A round lasts at least this long, so that the clock's grain does not matter. */
const ROUND_MS = 20;

async function time(work: Work, times: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < times; i++) await work();
  return (performance.now() - start) / times;
}

/** Runs it until it is warm, and says how often a round must run it. */
async function warm(work: Work): Promise<number> {
  const first = await time(work, 1);
  const start = performance.now();
  let runs = 0;
  while (performance.now() - start < 10 * ROUND_MS && runs < 10_000) {
    await work();
    runs += 1;
  }
  const each = runs === 0 ? first : (performance.now() - start) / runs;
  return Math.max(1, Math.ceil(ROUND_MS / each));
}

/** Milliseconds of one run: the median of the rounds. */
export async function timeOf(work: Work): Promise<number> {
  const [ms] = await rounds([work]);
  return ms ?? Number.NaN;
}

/** How many times as long as the second the first one takes. */
export async function ratioOf(work: Work, against: Work): Promise<{ ratio: number; ms: number }> {
  const [a = Number.NaN, b = Number.NaN] = await rounds([work, against]);
  return { ratio: a / b, ms: a };
}

async function rounds(works: readonly Work[]): Promise<readonly number[]> {
  const runs: { work: Work; count: number; ms: number[] }[] = [];
  for (const work of works) runs.push({ work, count: await warm(work), ms: [] });
  for (let round = 0; round < ROUNDS; round++)
    for (const run of runs) run.ms.push(await time(run.work, run.count));
  return runs.map(({ ms }) => median(ms));
}
