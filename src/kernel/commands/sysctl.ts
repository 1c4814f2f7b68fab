// sysctl(8), and `echo value > /proc/sys/...`. A device keeps what `default` was when it was made, so a later change of
// `default` does not reach it.
import { ipv6On } from '../path/ip6-rcv.ts';
import { ipv6Down, ipv6Up } from '../admin/link.ts';
import type { Netns } from '../types.ts';
import type { Command } from './types.ts';

const DEFAULT = /^net\.(ipv4|ipv6)\.(conf|neigh)\.default\.(.+)$/;

function write(ns: Netns, name: string, value: string): void {
  const old = DEFAULT.exec(name);
  if (old !== null) {
    const [, family, group, key] = old;
    const was = ns.sysctl.get(name);
    for (const dev of ns.devices) {
      const own = `net.${family}.${group}.${dev.name}.${key}`;
      if (was !== undefined && ns.sysctl.get(own) === undefined) ns.sysctl.set(own, was);
    }
  }
  const spoke = new Map(ns.devices.map((dev) => [dev, ipv6On(dev)]));
  ns.sysctl.set(name, value);
  if (!name.endsWith('.disable_ipv6')) return;
  for (const dev of ns.devices) {
    if (spoke.get(dev) === true && !ipv6On(dev)) ipv6Down(dev);
    if (spoke.get(dev) === false && ipv6On(dev) && dev.up) ipv6Up(dev);
  }
}

export const sysctl: Command = (_k, ns, words) => {
  for (const word of words.filter((w) => !w.startsWith('-'))) {
    const at = word.indexOf('=');
    if (at < 0) return `${word}: expected name=value`;
    const name = word.slice(0, at).replaceAll('/', '.');
    write(ns, name, word.slice(at + 1).trim());
  }
  return null;
};

const PROC = '/proc/sys/';

export const echo: Command = (_k, ns, words, shell) => {
  if (shell.output === null) return null;
  if (!shell.output.startsWith(PROC)) return `writing ${shell.output} is not modelled`;
  write(ns, shell.output.slice(PROC.length).replaceAll('/', '.'), words.join(' '));
  return null;
};
