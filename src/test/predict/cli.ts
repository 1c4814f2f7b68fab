// predict PATH...: reads recordings (files or folders) and prints a prediction for each flow, one JSON object a line.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { predict } from './predict.ts';
import type { RecordingInput } from './recording.ts';

export function recordingFiles(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith('.json'))
          .sort()
          .map((name) => join(path, name))
      : [path],
  );
}

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 0) {
    console.error('usage: predict PATH... (recordings, or folders of them)');
    return 2;
  }
  let failed = 0;
  for (const file of recordingFiles(argv)) {
    const recording = JSON.parse(readFileSync(file, 'utf8')) as RecordingInput;
    if (recording.topology === undefined) continue;
    try {
      for (const one of predict(recording)) process.stdout.write(`${JSON.stringify(one)}\n`);
    } catch (error) {
      failed++;
      console.error(`${file}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return failed === 0 ? 0 : 1;
}
