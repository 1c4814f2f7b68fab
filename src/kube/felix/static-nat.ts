// The fixed part of Felix' nat table (felix/rules/static.go, nat.go): natOutgoing, and the right source for what leaves by a tunnel.
// Floating IPs are not modelled: their chains exist, and are empty.
import { jump } from './chain.ts';
import type { FelixRule } from './chain.ts';
import { inSet, notInSet, staticSet } from './sets.ts';
import type { FelixConfig, FelixTable } from './types.ts';

/** A local address that is not the tunnel's own: a process of the node that called a ClusterIP, or bound to another address. */
const WRONG_SOURCE = [
  '-m addrtype ! --src-type LOCAL --limit-iface-out',
  '-m addrtype --src-type LOCAL',
];
const MASQUERADE = '--jump MASQUERADE';

const fixTunnelSource = (tunnel: string, vxlanPort: number | null): readonly FelixRule[] => [
  // UDP keeps clear of the port that raw PREROUTING does not track.
  ...(vxlanPort === null
    ? []
    : [
        {
          match: ['-p 17', `--out-interface ${tunnel}`, ...WRONG_SOURCE],
          action: `${MASQUERADE} --to-ports ${vxlanPort + 1}-65535 --random-fully`,
        },
      ]),
  {
    match: [`--out-interface ${tunnel}`, ...WRONG_SOURCE],
    action: `${MASQUERADE} --random-fully`,
  },
];

export function staticNat(config: FelixConfig): FelixTable {
  const { family, tunnels, vxlanPort, natOutgoing } = config;
  const outgoing: FelixRule = {
    match: [
      inSet(staticSet(family, 'masqPools'), 'src'),
      notInSet(staticSet(family, 'allPools'), 'dst'),
    ],
    action: `${MASQUERADE} --random-fully`,
  };
  return {
    table: 'nat',
    chains: [
      { name: 'cali-PREROUTING', rules: [{ action: jump('cali-fip-dnat') }] },
      { name: 'cali-OUTPUT', rules: [{ action: jump('cali-fip-dnat') }] },
      {
        name: 'cali-POSTROUTING',
        rules: [
          { action: jump('cali-fip-snat') },
          { action: jump('cali-nat-outgoing') },
          ...tunnels.flatMap((tunnel) =>
            fixTunnelSource(tunnel, tunnel.startsWith('vxlan') ? vxlanPort : null),
          ),
        ],
      },
      { name: 'cali-nat-outgoing', rules: natOutgoing ? [outgoing] : [] },
      { name: 'cali-fip-dnat', rules: [] },
      { name: 'cali-fip-snat', rules: [] },
    ],
    top: ['PREROUTING', 'OUTPUT'].map((name) => ({
      name,
      rules: [{ action: jump(`cali-${name}`) }],
    })),
    // Since v3.29 behind KUBE-POSTROUTING, so that what kube-proxy has marked is masqueraded once, and its mark cleared.
    end: [{ name: 'POSTROUTING', rules: [{ action: jump('cali-POSTROUTING') }] }],
  };
}
