// `npm run test:kernel [-- FLAGS]`: the engine against the kernel of this machine. Linux and root only, since it makes network
// namespaces; they are its own, and no packet leaves them. Brings the tools that it needs with apt where that is allowed.
import { ensureInstalled } from './lib/install.mjs';
import { aptInstall, onPath } from './lib/system.mjs';

/** Program -> Debian package. */
const NEEDED = {
  ip: 'iproute2',
  bridge: 'iproute2',
  'iptables-legacy': 'iptables',
  conntrack: 'conntrack',
  ipset: 'ipset',
  ethtool: 'ethtool',
  sysctl: 'procps',
  python3: 'python3',
};

function problem() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root, to make network namespaces';
  const missing = () => Object.entries(NEEDED).filter(([name]) => onPath(name) === null);
  if (missing().length > 0) aptInstall(...new Set(missing().map(([, debian]) => debian)));
  const left = missing().map(([name]) => name);
  return left.length > 0 ? `it needs ${left.join(', ')}` : null;
}

const why = problem();
if (why !== null) {
  console.log(`skip the check against this machine's kernel: ${why}`);
  console.log('0 passed, 0 failed, 1 skipped');
  process.exitCode = 2;
} else {
  ensureInstalled();
  const { runTs } = await import('./run-ts.mjs');
  await runTs('src/test/live/main.ts', process.argv.slice(2));
}
