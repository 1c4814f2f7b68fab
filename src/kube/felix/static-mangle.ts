// The fixed part of Felix' mangle table (felix/rules/static.go): policy of host endpoints before and after DNAT. There are none here,
// so its chains let everything pass.
import { jump } from './chain.ts';
import { ACCEPT, ALL_BITS, clearMark, markSet } from './marks.ts';
import { inSet, notInSet, staticSet } from './sets.ts';
import type { FelixConfig, FelixTable } from './types.ts';

const HOST_ACCEPTED = 'Host endpoint policy accepted packet.';

export const staticMangle = ({ family }: FelixConfig): FelixTable => ({
  table: 'mangle',
  chains: [
    {
      name: 'cali-PREROUTING',
      rules: [
        { match: ['-m conntrack --ctstate RELATED,ESTABLISHED'], action: jump('ACCEPT') },
        { match: [markSet(ACCEPT)], action: jump('ACCEPT') },
        { action: jump('cali-from-host-endpoint') },
        { match: [markSet(ACCEPT)], action: jump('ACCEPT'), comments: [HOST_ACCEPTED] },
      ],
    },
    {
      name: 'cali-POSTROUTING',
      rules: [
        {
          match: [
            inSet(staticSet(family, 'dscpSources'), 'src'),
            notInSet(staticSet(family, 'allPools'), 'dst'),
            notInSet(staticSet(family, 'thisHost'), 'dst'),
          ],
          action: jump('cali-egress-dscp'),
          comments: ['set dscp for traffic leaving cluster.'],
        },
        { match: [markSet(ACCEPT)], action: jump('RETURN') },
        { action: clearMark(ALL_BITS) },
        { match: ['-m conntrack --ctstate DNAT'], action: jump('cali-to-host-endpoint') },
        { match: [markSet(ACCEPT)], action: jump('RETURN'), comments: [HOST_ACCEPTED] },
      ],
    },
    ...['cali-from-host-endpoint', 'cali-to-host-endpoint', 'cali-egress-dscp'].map((name) => ({
      name,
      rules: [],
    })),
  ],
  top: ['PREROUTING', 'POSTROUTING'].map((name) => ({
    name,
    rules: [{ action: jump(`cali-${name}`) }],
  })),
  end: [],
});
