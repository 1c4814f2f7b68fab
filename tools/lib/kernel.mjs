// What it takes to put a network onto this machine's kernel: Linux, root (network namespaces), and tools.
import { spawnSync } from 'node:child_process';
import { aptInstall, onPath } from './system.mjs';

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

/**
 * What is missing, or null.
 * @param {{ install: boolean }} options may it install tools with apt?
 */
export function kernelLacks({ install }) {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root, to make network namespaces';
  const missing = () => Object.entries(NEEDED).filter(([name]) => onPath(name) === null);
  if (install && missing().length > 0)
    aptInstall(...new Set(missing().map(([, debian]) => debian)));
  const left = missing().map(([name]) => name);
  if (left.length > 0) return `it needs ${left.join(', ')}`;
  // Root of a container need not be allowed to.
  const { status } = spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
  return status === 0 ? null : 'it needs permission to make network namespaces';
}
