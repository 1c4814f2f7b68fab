// What the running kernel and its tools can do, tried once in namespaces of our own. What they lack is skipped with its name, so that a
// machine without a module is not taken for one that disagrees.
import type { LinuxNetwork } from '../../network/types.ts';
import { netnsName } from '../../network/script.ts';
import type { Agent } from './agent.ts';

/** What a network may need -> the lines that show whether it is there. `$N` is a namespace. */
const PROBES = {
  veth: 'ip -n $N link add v0 type veth peer name v1',
  bridge: 'ip -n $N link add b0 type bridge',
  vxlan: 'ip -n $N link add x0 type vxlan id 1 dstport 8472',
  macvlan:
    'ip -n $N link add v2 type veth peer name v3 && ip -n $N link add link v2 name m0 type macvlan',
  dummy: 'ip -n $N link add d0 type dummy',
  ipip: 'ip -n $N link add i0 type ipip local 192.0.2.1 remote 192.0.2.2',
  br_netfilter: 'ip netns exec $N sysctl -n net.bridge.bridge-nf-call-iptables',
  iptables:
    'ip netns exec $N iptables-legacy -t nat -A POSTROUTING -m conntrack --ctstate NEW -m comment --comment x -j MASQUERADE',
  ip6tables:
    'ip netns exec $N ip6tables-legacy -t nat -A POSTROUTING -m conntrack --ctstate NEW -j MASQUERADE',
  ipset: 'ip netns exec $N ipset create s hash:net',
  conntrack: 'ip netns exec $N conntrack -L',
  trace: 'ip netns exec $N iptables-legacy -t raw -A OUTPUT -j TRACE',
  ipv6: 'test -e /proc/net/if_inet6',
} as const;
export type Feature = keyof typeof PROBES;

const MODULES = 'br_netfilter vxlan macvlan dummy ipip nfnetlink_log ip_set xt_TRACE';

export interface Machine {
  /** Feature -> why it is missing. */
  readonly missing: ReadonlyMap<Feature, string>;
}

export async function probe(agent: Agent, prefix: string): Promise<Machine> {
  const missing = new Map<Feature, string>();
  const netns = netnsName(prefix, 'probe');
  await agent.ask('sh', {
    script: `for m in ${MODULES}; do modprobe -q $m; done; ip netns add ${netns}`,
  });
  for (const [feature, line] of Object.entries(PROBES)) {
    const { code, err } = await agent.ask('sh', { script: `N=${netns}; ${line}` });
    const why = err.trim().split('\n')[0] ?? '';
    if (code !== 0) missing.set(feature as Feature, why === '' ? `exit ${code}` : why);
  }
  const trace = await agent.ask('can_trace', { namespace: 'probe' });
  if (trace.missing !== undefined) missing.set('trace', trace.missing);
  await agent.ask('sh', { script: `ip netns del ${netns}` });
  return { missing };
}

/** What a network needs of the kernel. */
export function needsOf(network: LinuxNetwork): readonly Feature[] {
  const needs = new Set<Feature>();
  for (const ns of network.namespaces) {
    for (const { type } of ns.devices) if (type !== 'loopback') needs.add(type);
    const hasTables = ns.iptables !== undefined && Object.keys(ns.iptables).length > 0;
    if (hasTables) needs.add('iptables').add('conntrack');
    if (ns.iptables?.ipv6 !== undefined) needs.add('ip6tables');
    if ((ns.ipsets ?? []).length > 0) needs.add('ipset');
    for (const [key, value] of Object.entries(ns.sysctls ?? {})) {
      if (key.startsWith('net.bridge.')) needs.add('br_netfilter');
      if (key.endsWith('disable_ipv6') && value === '0') needs.add('ipv6');
    }
  }
  return [...needs];
}
