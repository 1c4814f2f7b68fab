// `npm run conformance [-- FOLDER]`: the engine against recordings of a real kernel, grade by grade. Default: the project's copies.
import { runTs } from './run-ts.mjs';

await runTs('src/test/judge/cli.ts', process.argv.slice(2));
