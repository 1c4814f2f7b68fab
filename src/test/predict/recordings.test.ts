// The promise of the project: for every recording of a real Linux 6.18 kernel, the engine computes what the kernel did, header by
// header, from the topology and the steps alone.
import { describe, expect, it } from 'vitest';
import { GRADE_NAMES } from '../judge/grades.ts';
import { EXCUSED, judge } from '../judge/judge.ts';
import { printVerdict } from '../judge/print.ts';
import { predictRuns, readRecordings, recordingsFolder } from '../judge/recording.ts';

const recordings = readRecordings(recordingsFolder);

describe('the recordings', () => {
  it('are there, and each has runs', () => {
    expect(recordings.length).toBeGreaterThanOrEqual(95);
    expect(recordings.filter(({ runs }) => runs.length === 0)).toEqual([]);
    expect(new Set(recordings.map(({ id }) => id)).size).toBe(recordings.length);
  });

  it('are excused in one grade alone', () => {
    expect(Object.values(EXCUSED).flat()).toEqual(['result']);
  });
});

describe.each(recordings.map((one) => [one.id, one] as const))('%s', (id, recording) => {
  const { runs: _, ...input } = recording;
  const engine = predictRuns(recording);

  it('is predicted in every grade', () => {
    const verdicts = judge(recording, engine);
    expect(verdicts.map(({ grade }) => grade)).toEqual(GRADE_NAMES);
    expect(verdicts.flatMap((one) => printVerdict(id, one)).join('\n')).toBe('');
  });

  it('is predicted without sight of its results', () => {
    expect(predictRuns({ ...input, runs: [] } as typeof recording)).toEqual(engine);
  });
});
