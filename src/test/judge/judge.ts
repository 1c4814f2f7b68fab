// The verdict on a recording: each grade over all its runs.
import { GRADES, GRADE_NAMES } from './grades.ts';
import type { Grade } from './grades.ts';
import { renamedLike } from './rename.ts';
import type { Difference, Run } from './types.ts';

export type Verdict =
  | { readonly grade: Grade; readonly kind: 'equal' }
  /** Not judged: what the machine could not tell, or what is known to be an artefact of the recorder. */
  | { readonly grade: Grade; readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly grade: Grade;
      readonly kind: 'different';
      readonly run: number;
      readonly what: Difference;
    };

/** The client's errno is an artefact of zero latency there (FINDINGS.md 41). */
export const EXCUSED: Readonly<Record<string, readonly Grade[]>> = {
  'v6-no-endpoints': ['result'],
};

export interface Judged {
  readonly id: string;
  readonly runs: readonly Run[];
}

/** `unknown`: grades that the machine could not record, with the reason. */
export function judge(
  kernel: Judged,
  engine: readonly Run[],
  unknown: Partial<Readonly<Record<Grade, string>>> = {},
): readonly Verdict[] {
  const renamed = kernel.runs.map((run, i) => {
    const one = engine[i];
    return one === undefined ? undefined : renamedLike(run, one);
  });
  return GRADE_NAMES.map((grade): Verdict => {
    if (EXCUSED[kernel.id]?.includes(grade) === true)
      return { grade, kind: 'skipped', reason: 'excused: FINDINGS.md 41' };
    const reason = unknown[grade];
    if (reason !== undefined) return { grade, kind: 'skipped', reason };
    if (kernel.runs.length === 0)
      return { grade, kind: 'different', run: 0, what: nothing('the recording has no runs') };
    for (const [i, run] of kernel.runs.entries()) {
      const what = gradeOne(grade, run, renamed[i]);
      if (what !== null) return { grade, kind: 'different', run: i, what };
    }
    return { grade, kind: 'equal' };
  });
}

function gradeOne(grade: Grade, kernel: Run, engine: Run | undefined): Difference | null {
  if (engine === undefined) return nothing('no prediction');
  if (engine[GRADES[grade].field] === undefined) return nothing('not predicted');
  return GRADES[grade].judge(kernel, engine);
}

const nothing = (place: string): Difference => ({
  place,
  at: null,
  kernel: null,
  engine: null,
  before: [],
});

export const differences = (
  verdicts: readonly Verdict[],
): readonly Extract<Verdict, { kind: 'different' }>[] =>
  verdicts.flatMap((one) => (one.kind === 'different' ? [one] : []));
