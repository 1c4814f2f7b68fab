// `npm run bench [-- NAME...]`: the measurements of bench/, one line each. It builds first, because some of them weigh dist.
import { build } from './lib/build.mjs';
import { runTs } from './run-ts.mjs';

await build();
await runTs('bench/main.ts', process.argv.slice(2));
