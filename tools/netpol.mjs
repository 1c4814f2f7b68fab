// `npm run --silent netpol -- CASES.json`: the engine's verdict on every connection of a NetworkPolicy truth table, one JSON object a line.
import { runTs } from './run-ts.mjs';

await runTs('src/test/netpol/cli.ts', process.argv.slice(2));
