// `npm run bench [-- P11 ...]`: prints each measurement, and ends with exit code 1 when a goal is missed.
import { benches } from './index.ts';
import type { Bench, Goal, Measured } from './types.ts';

const digits = (value: number): string =>
  Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(1);

const isMet = (value: number, goal: Goal): boolean =>
  'most' in goal ? value <= goal.most : value >= goal.least;

function print({ id, title, unit, goal }: Bench, { value, note }: Measured): string {
  const number = `${digits(value)}${unit}`;
  const end = note === undefined ? title : `${title}; ${note}`;
  if (goal === undefined) return `${id} ${number}   ${end}`;
  const [sign, bound] = 'most' in goal ? ['<=', goal.most] : ['>=', goal.least];
  const stretch = goal.stretch === undefined ? '' : `, stretch ${sign} ${goal.stretch}${unit}`;
  const verdict = isMet(value, goal) ? 'ok' : 'MISSED';
  return `${id} ${number} (goal ${sign} ${bound}${unit}${stretch}) ${verdict}   ${end}`;
}

export async function main(argv: readonly string[]): Promise<number> {
  const known = benches.map(({ id }): string => id);
  const unknown = argv.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
    return 2;
  }
  let missed = 0;
  for (const bench of benches) {
    if (argv.length > 0 && !argv.includes(bench.id)) continue;
    const measured = await bench.run();
    if ('skipped' in measured) {
      console.log(`${bench.id} skipped   ${bench.title}; ${measured.skipped}`);
      continue;
    }
    console.log(print(bench, measured));
    if (bench.goal !== undefined && !isMet(measured.value, bench.goal)) missed += 1;
  }
  return missed > 0 ? 1 : 0;
}
