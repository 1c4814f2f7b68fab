// `npm run --silent kube-proxy -- VECTORS.json`: what this program says to vectors of kube-proxy, one JSON object a line.
import { runTs } from './run-ts.mjs';

await runTs('src/test/kube-proxy/cli.ts', process.argv.slice(2));
