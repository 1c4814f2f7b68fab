// Sets with fixed names that the static rules ask (felix/rules/rule_defs.go).
import type { IpFamily } from '../families.ts';
import { setName } from './names.ts';

const SETS = {
  allHosts: 'all-hosts-net',
  allVxlan: 'all-vxlan-net',
  masqPools: 'masq-ipam-pools',
  allPools: 'network-ip-pools',
  dscpSources: 'dscp-src-net',
  thisHost: 'this-host',
} as const;

export const staticSet = (family: IpFamily, set: keyof typeof SETS): string =>
  setName(family, SETS[set]);

export const inSet = (name: string, side: 'src' | 'dst' | 'dst,dst'): string =>
  `-m set --match-set ${name} ${side}`;
export const notInSet = (name: string, side: 'src' | 'dst'): string =>
  `-m set ! --match-set ${name} ${side}`;
