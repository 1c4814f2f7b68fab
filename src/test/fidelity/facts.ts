// The one source of docs/fidelity.md: what is modelled, what is simplified, what is not. Lists of devices, matches and targets
// come from their registries. To write the page: npx vitest run src/test/fidelity -u
import { KNOWN } from '../live/known.ts';
import { appliances } from '../../appliance/index.ts';
import { drivers } from '../../net/devices/index.ts';
import { matches } from '../../netfilter/matches/index.ts';
import { targets } from '../../netfilter/targets/index.ts';

export type Fact = readonly [part: string, what: string];

const words = (registry: object): string => Object.keys(registry).sort().join(', ');

export const MODELLED: readonly Fact[] = [
  [
    'Headers',
    'Ethernet, ARP, IPv4 with fragments, IPv6 with fragment headers, ICMPv4 and ICMPv6 with the quoted packet, neighbour discovery, TCP with options and SACK, UDP, VXLAN, IP in IP: real bytes, lengths and checksums',
  ],
  ['Devices', words(drivers)],
  [
    'Bridge',
    'learning, ageing, flooding newest port first, hairpin mode, isolation, local delivery; br_netfilter: hooks traversed by bridged frames, DNAT inside the bridge by the fast and the slow way, physdev',
  ],
  [
    'VXLAN',
    'static FDB, flood entries, VNI, outer header with its own route, hooks and conntrack entry; source port from the flow hash; the mark survives, conntrack does not',
  ],
  [
    'Neighbours',
    'NUD states with their timers, probes and queue, confirmation by upper layers; ARP: answers, proxy_arp, arp_ignore, arp_announce, arp_filter, locktime, gratuitous; ND: solicitation, advertisement, router flag, proxy_ndp',
  ],
  [
    'Routing',
    'policy rules, tables, longest prefix, metric, scope, onlink, source selection, blackhole, unreachable, prohibit, rp_filter with marks, martians, route_localnet, redirects, forwarding sysctls',
  ],
  [
    'ICMP errors',
    'when they are sent, from which address, what they quote, their rate limit by peer; translated back by every NAT',
  ],
  [
    'Path MTU',
    'DF, fragmentation needed, packet too big, fragmentation and reassembly, by conntrack too',
  ],
  [
    'netfilter hooks',
    'raw, mangle, nat, filter and security in the kernel’s order at every hook; NAT for the first packet of a connection; rerouting in OUTPUT; counters; what TRACE shows',
  ],
  ['Matches', words(matches)],
  ['Targets', words(targets)],
  [
    'Appliances',
    `${words(appliances)}: route tables with \`local\` routes, longest prefix and blackholes; source/destination check and security groups; ARP answered from the table of interfaces; 1:1 addresses and ports exchanged, in quoted packets too; MTU 9001, and 1500 beyond an internet gateway; drops with reasons of their own (\`vpc:NO_ROUTE\`)`,
  ],
  [
    'conntrack',
    'only where a rule needs it; tuples, zones, TCP states and windows, loose pick-up, be_liberal, UDP streams, ICMP queries, related errors, timeouts, clash resolution, table full',
  ],
  [
    'NAT',
    'null bindings, port and id collisions, ranges, random and fully random ports, reuse of a source’s mapping, MASQUERADE by outgoing device',
  ],
  [
    'Sockets',
    'TCP: handshake, options, delayed and quick acknowledgements, close, reset, retransmission with the SYN clock of Linux 6.18, GSO, Nagle, SACK and DSACK, RACK, tail loss probes, challenge acknowledgements, path MTU; UDP; ping; raw segments; errno as the application sees it',
  ],
  [
    'Drops',
    'the words of the kernel’s `skb_drop_reason`, at the kernel’s function; bookkeeping of packets that did their work is no loss',
  ],
  ['kube-proxy', 'iptables mode for Services of all types, as `iptables-save` prints it'],
  [
    'CNI',
    'Calico (IPIP, VXLAN, each also CrossSubnet, BGP alone; blocks of a pool, borrowed addresses, natOutgoing), the AWS VPC CNI (secondary interfaces, warm pools, prefix delegation, connmark and SNAT rules) in a VPC, flannel (VXLAN, DirectRouting, host-gw), kindnet, kubenet with cloud routes, the bridge and ptp plugins with ipMasq and portmap, host-local addresses; IPv4, IPv6 and both',
  ],
  [
    'NetworkPolicy',
    'all of networking/v1 under Calico: the chains and sets of Felix v3.32 (iptables), names and hashes included; other plugins say that a policy has no effect',
  ],
];

/** What is different, and what Linux does. */
export const SIMPLIFIED: readonly (readonly [part: string, here: string, linux: string])[] = [
  [
    'Time',
    'a frame takes 2 µs; timers and waits pass in virtual time',
    'latency, queues, scheduling',
  ],
  ['Processors', 'one, with one backlog', 'many, with one backlog each'],
  [
    'Random choices',
    'named, seeded streams; a scenario may say which endpoint is picked',
    'get_random_u32',
  ],
  ['`reachable_time`', 'its base value, 30 s', 'a random 0.5 to 1.5 of it'],
  [
    'TCP congestion control',
    'slow start from ten segments, packet conservation in recovery',
    'CUBIC or BBR, undo of a needless recovery, pacing',
  ],
  ['TCP windows', 'constant and large', 'follow the buffers'],
  ['Timers', 'a wheel of 4 ms ticks (HZ 250) with a fixed phase', 'the phase of the machine'],
  ['Address ranges of NAT', 'spread by the low bits of the source', 'a keyed hash'],
  ['ICMP rate limit', 'by peer', 'by peer, and a global limit of 1000 a second'],
  [
    'VPC router',
    'no hop (the TTL stays), no answer for addresses that no interface has, errors of an internet gateway’s MTU come from the subnet’s router; known from AWS’s documents and talks; the live check compares it with namespaces that do the same',
    'a mapping service in every host of AWS',
  ],
  [
    'NAT gateway',
    'a random free port for each connection; idle connections end in silence',
    'AWS answers later segments of an idle connection with a RST',
  ],
  [
    'Blocks of Calico',
    'the block that a node claims first comes from a hash of its name',
    'Go’s math/rand, seeded with such a hash',
  ],
  [
    'Security groups',
    'flows are remembered for the whole run',
    'AWS forgets idle ones, and does not track some at all',
  ],
  ['Controllers', 'act at once, before the journey begins', 'watch and retry loops'],
];

export const NOT_MODELLED: readonly string[] = [
  'nftables and IPVS modes of kube-proxy; eBPF data paths (Cilium, XDP, tc); socket load balancing',
  'IPsec, WireGuard, GRE, Geneve; IP in IP over IPv6; VXLAN with learning or multicast groups',
  'IPv6 extension headers other than fragments; router advertisements; MLD; duplicate address detection',
  'NetworkPolicies of kindnet (nftables); hostPorts and promiscuous bridges of kubenet (ebtables)',
  'SCTP endpoints; multicast routing; VRFs; ECMP; traffic control; VLAN filtering; STP; conntrack helpers',
  'Calico: its own policy kinds and tiers, host endpoints, floating IPs, DSCP, WireGuard, the eBPF and nftables data planes, route reflectors',
  'AWS VPC CNI: pods with security groups of their own, custom networking, IPv6, the nftables form of its rules',
  'network ACLs (everything is allowed), IPv6 in a VPC, and what it answers itself (its router, metadata, DNS, time)',
  'fields of Kubernetes objects that would change a packet’s path and are not used: `src/kube/objects/unmodelled.ts`',
  'extensions of iptables that are known and not modelled: `src/netfilter/save/unmodelled.ts`',
];

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

export const printFidelity = (): string => `# Fidelity

The engine follows Linux 6.18 with iptables (legacy semantics). This page says how far. What a document asks for and this page does
not list as modelled is reported to its reader, with its line. The page is printed from \`src/test/fidelity/facts.ts\`.

## How it is proved

Every recording of a real kernel in \`src/test/recordings\` is predicted and judged in \`npm test\`: headers at every interface in both
directions, their order, packets' paths, conntrack, counters of rules, drops, the client's result, the rule trace, neighbours and
forwarding tables. \`npm run conformance\` prints the table; \`npm run test:kernel\` asks the kernel of your machine.

## Modelled

${table(['part', 'what'], MODELLED)}

## Simplified

${table(['part', 'here', 'in Linux'], SIMPLIFIED)}

## Not modelled

${NOT_MODELLED.map((line) => `- ${line}`).join('\n')}

## Known differences

None on the recordings. One recording's client result is not judged: \`v6-no-endpoints\`, where the recorded timeout is an effect of zero
latency (the error reaches the socket while connect() still holds it). Random variations on a live kernel showed these causes, each with
the smallest topology that shows it:

${KNOWN.map(({ text }) => `- ${text.replaceAll('\n', '\n  ')}`).join('\n')}
`;
