// `npm run test:kernel [-- FLAGS]`: the engine against the kernel of this machine. Linux and root only, since it makes network
// namespaces; they are its own, and no packet leaves them. Brings the tools that it needs with apt where that is allowed.
import { ensureInstalled } from './lib/install.mjs';
import { kernelLacks } from './lib/kernel.mjs';

const why = kernelLacks({ install: true });
if (why !== null) {
  console.log(`skip the check against this machine's kernel: ${why}`);
  console.log('0 passed, 0 failed, 1 skipped');
  process.exitCode = 2;
} else {
  ensureInstalled();
  const { runTs } = await import('./run-ts.mjs');
  await runTs('src/test/live/main.ts', process.argv.slice(2));
}
