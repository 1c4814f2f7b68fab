// conformance [FOLDER] [--verbose]: predicts every recording of a folder and prints how many hold each grade.
import { differences, judge } from './judge.ts';
import { printTable, printVerdict } from './print.ts';
import { predictRuns, readRecordings, recordingsFolder } from './recording.ts';

export function main(argv: readonly string[]): number {
  const unknown = argv.filter((arg) => arg.startsWith('-') && arg !== '--verbose');
  const folders = argv.filter((arg) => !arg.startsWith('-'));
  if (unknown.length > 0 || folders.length > 1) {
    console.error('usage: conformance [FOLDER] [--verbose]');
    return 2;
  }
  const recordings = readRecordings(folders[0] ?? recordingsFolder);
  let failed = 0;
  const judged = recordings.map((recording) => {
    const verdicts = judge(recording, predictRuns(recording));
    const found = differences(verdicts);
    if (found.length > 0) failed++;
    const lines = found.flatMap((one) => printVerdict(recording.id, one));
    if (lines.length > 0) console.log(lines.join('\n'));
    else if (argv.includes('--verbose')) console.log(`equal ${recording.id}`);
    return verdicts;
  });
  console.log(printTable(judged).join('\n'));
  console.log(`${recordings.length - failed} passed, ${failed} failed`);
  return failed > 0 || recordings.length === 0 ? 1 : 0;
}
