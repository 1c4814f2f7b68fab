// The fixed part of Felix' filter table (felix/rules/static.go). Pods are handed to the dispatch chains on their way from and to them.
//
//   FORWARD ─▶ cali-FORWARD ─▶ cali-from-wl-dispatch ─▶ cali-fw-* (egress of the source)
//                           └▶ cali-to-wl-dispatch ───▶ cali-tw-* (ingress of the destination)
//   INPUT ───▶ cali-INPUT ───▶ cali-wl-to-host ───────▶ cali-fw-*
//   OUTPUT ──▶ cali-OUTPUT     (a node may always reach its own pods)
//
// Host endpoints are not modelled: their chains exist, and are empty.
import { goTo, jump } from './chain.ts';
import type { FelixChain, FelixRule } from './chain.ts';
import { ACCEPT, ALL_BITS, clearMark, markClear, markSet, setMark } from './marks.ts';
import { inSet, staticSet } from './sets.ts';
import type { FelixConfig, FelixTable } from './types.ts';

export const FROM_WORKLOAD = 'cali-from-wl-dispatch';
export const TO_WORKLOAD = 'cali-to-wl-dispatch';
/** Names of pods' interfaces. */
export const WORKLOADS = 'cali+';

const LOCAL_DST = '-m addrtype --dst-type LOCAL';
const LOCAL_SRC = '-m addrtype --src-type LOCAL';
const accepted = (comment: string): FelixRule => ({
  match: [markSet(ACCEPT)],
  action: jump('ACCEPT'),
  comments: [comment],
});
const HOST_ACCEPTED = 'Host endpoint policy accepted packet.';

/** ICMPv6 that a router must see: multicast listeners, router and neighbour discovery. */
const NEIGHBOUR_DISCOVERY = [130, 131, 132, 133, 135, 136];

function input(config: FelixConfig): FelixChain {
  const { family, vxlanPort, ipip } = config;
  const rules: FelixRule[] = [];
  if (ipip)
    rules.push(
      {
        match: ['-p 4', inSet(staticSet(family, 'allHosts'), 'src'), LOCAL_DST],
        action: jump('ACCEPT'),
        comments: ['Allow IPIP packets from Calico hosts'],
      },
      {
        match: ['-p 4'],
        action: jump('DROP'),
        comments: ['Drop IPIP packets from non-Calico hosts'],
      },
    );
  if (vxlanPort !== null) {
    const port = ['-p 17', `-m multiport --destination-ports ${vxlanPort}`];
    rules.push(
      {
        match: [...port, inSet(staticSet(family, 'allVxlan'), 'src'), LOCAL_DST],
        action: jump('ACCEPT'),
        comments: [`Allow ${family} VXLAN packets from allowed hosts`],
      },
      {
        match: [...port, LOCAL_DST],
        action: jump('DROP'),
        comments: [`Drop ${family} VXLAN packets from non-allowed hosts`],
      },
    );
  }
  rules.push(
    { match: [`--in-interface ${WORKLOADS}`], action: goTo('cali-wl-to-host') },
    { match: [markSet(ACCEPT)], action: jump('ACCEPT') },
    { action: clearMark(ALL_BITS) },
    { action: jump('cali-from-host-endpoint') },
    accepted(HOST_ACCEPTED),
  );
  return { name: 'cali-INPUT', rules };
}

const forward: FelixChain = {
  name: 'cali-FORWARD',
  rules: [
    { action: clearMark(ALL_BITS & ~ACCEPT) },
    { match: [markClear(ACCEPT)], action: jump('cali-from-hep-forward') },
    { match: [`--in-interface ${WORKLOADS}`], action: jump(FROM_WORKLOAD) },
    { match: [`--out-interface ${WORKLOADS}`], action: jump(TO_WORKLOAD) },
    { action: jump('cali-to-hep-forward') },
    { action: jump('cali-cidr-block') },
  ],
};

function output({ family, vxlanPort, ipip }: FelixConfig): FelixChain {
  const rules: FelixRule[] = [
    { match: [markSet(ACCEPT)], action: jump('ACCEPT') },
    { match: [`--out-interface ${WORKLOADS}`], action: jump('RETURN') },
  ];
  if (ipip)
    rules.push({
      match: ['-p 4', inSet(staticSet(family, 'allHosts'), 'dst'), LOCAL_SRC],
      action: jump('ACCEPT'),
      comments: ['Allow IPIP packets to other Calico hosts'],
    });
  if (vxlanPort !== null)
    rules.push({
      match: [
        '-p 17',
        `-m multiport --destination-ports ${vxlanPort}`,
        LOCAL_SRC,
        inSet(staticSet(family, 'allVxlan'), 'dst'),
      ],
      action: jump('ACCEPT'),
      comments: [`Allow ${family} VXLAN packets to other allowed hosts`],
    });
  rules.push(
    { action: clearMark(ALL_BITS) },
    { match: ['-m conntrack ! --ctstate DNAT'], action: jump('cali-to-host-endpoint') },
    accepted(HOST_ACCEPTED),
  );
  return { name: 'cali-OUTPUT', rules };
}

const workloadToHost = ({ family, endpointToHost }: FelixConfig): FelixChain => ({
  name: 'cali-wl-to-host',
  rules: [
    ...(family === 'IPv6' ? NEIGHBOUR_DISCOVERY : []).map((type) => ({
      match: ['-p 58', `-m icmp6 --icmpv6-type ${type}`],
      action: jump('ACCEPT'),
    })),
    { action: jump(FROM_WORKLOAD) },
    { action: jump(endpointToHost), comments: ['Configured DefaultEndpointToHostAction'] },
  ],
});

export const staticFilter = (config: FelixConfig): FelixTable => ({
  table: 'filter',
  chains: [
    forward,
    input(config),
    output(config),
    workloadToHost(config),
    ...[
      'cali-from-hep-forward',
      'cali-to-hep-forward',
      'cali-from-host-endpoint',
      'cali-to-host-endpoint',
      'cali-cidr-block',
    ].map((name) => ({ name, rules: [] })),
  ],
  top: ['INPUT', 'FORWARD', 'OUTPUT'].map((name) => ({
    name,
    rules: [{ action: jump(`cali-${name}`) }],
  })),
  // Behind the rules of all others: what policy has accepted may pass; everything forwarded is marked for the mangle table.
  end: [
    {
      name: 'FORWARD',
      rules: [accepted('Policy explicitly accepted packet.'), { action: setMark(ACCEPT) }],
    },
  ],
});
