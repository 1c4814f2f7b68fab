// Recordings on disk: what was done on a real kernel, and what it did.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { predict } from '../predict/predict.ts';
import type { RecordingInput } from '../predict/recording.ts';
import { inRoot } from '../../../tools/lib/root.mjs';
import type { Run } from './types.ts';

export interface Recording extends RecordingInput {
  readonly title?: string;
  readonly theme?: string;
  readonly runs: readonly Run[];
}

/** The project's own copies. */
export const recordingsFolder = inRoot('src', 'test', 'recordings');

export function readRecordings(folder: string): readonly Recording[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recording)
    .filter((one) => one.topology !== undefined);
}

/** What the engine says, from the input fields alone. */
export const predictRuns = (
  input: RecordingInput,
  seed?: number,
  traced?: boolean,
): readonly Run[] => predict(input, seed, traced) as readonly unknown[] as readonly Run[];
