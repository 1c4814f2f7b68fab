// `npm run --silent predict -- PATH...`: what the engine says about recordings of a real kernel, one JSON object a line.
import { runTs } from './run-ts.mjs';

await runTs('src/test/predict/cli.ts', process.argv.slice(2));
