// netpol CASES.json: prints the engine's verdict on every expectation of a truth table, one JSON object a line.
import { readFileSync } from 'node:fs';
import { verdictsOf } from './attempt.ts';
import type { NetpolFile } from './cases.ts';

export async function main([path]: readonly string[]): Promise<number> {
  if (path === undefined) {
    console.error('usage: netpol CASES.json');
    return 2;
  }
  const file = JSON.parse(readFileSync(path, 'utf8')) as NetpolFile;
  let failed = 0;
  for (const group of file.groups)
    try {
      const verdicts = verdictsOf(file, group, ({ reason, fix }) => {
        console.error(`${group.group}: ${reason}${fix === null ? '' : ` (${fix})`}`);
      });
      for (const one of verdicts) process.stdout.write(`${JSON.stringify(one)}\n`);
    } catch (error) {
      failed++;
      console.error(`${group.group}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  return failed === 0 ? 0 : 1;
}
