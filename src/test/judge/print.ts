// Verdicts as text: a line for each difference with the little that came before it, and a table of grades.
import { GRADE_NAMES } from './grades.ts';
import type { Verdict } from './judge.ts';
import type { Difference } from './types.ts';

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 3)}...`;

/** Where two long lines part, with some of what they share: the rest is equal. */
function apart(a: string, b: string, width: number): readonly [string, string] {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const from = Math.max(0, Math.min(i - 60, Math.max(a.length, b.length) - width));
  const show = (text: string): string => cut(`${from > 0 ? '...' : ''}${text.slice(from)}`, width);
  return [show(a), show(b)];
}

export function printDifference(what: Difference, width = 400): readonly string[] {
  const { place, at, kernel, engine, before } = what;
  const head = at === null ? place : `${place} #${at}`;
  if (kernel === null && engine === null) return [head];
  const [k, e] = apart(kernel ?? '(nothing)', engine ?? '(nothing)', width);
  const earlier = before.map((line) => `  after   ${cut(line, width)}`);
  return [head, ...earlier, `  kernel  ${k}`, `  engine  ${e}`];
}

export function printVerdict(id: string, verdict: Verdict): readonly string[] {
  if (verdict.kind !== 'different') return [];
  const [head, ...rest] = printDifference(verdict.what);
  return [`DIFFERENT ${id}, run ${verdict.run}, ${verdict.grade}: ${head}`, ...rest];
}

/** One line for each grade: how many recordings hold it. */
export function printTable(judged: readonly (readonly Verdict[])[]): readonly string[] {
  return GRADE_NAMES.map((grade) => {
    const mine = judged.flat().filter((one) => one.grade === grade);
    const counted = mine.filter((one) => one.kind !== 'skipped').length;
    const equal = mine.filter((one) => one.kind === 'equal').length;
    const skipped = mine.length - counted;
    const note = skipped === 0 ? '' : `  (${skipped} not judged)`;
    return `${grade.padEnd(13)} ${String(equal).padStart(4)} of ${String(counted).padStart(4)}${note}`;
  });
}
