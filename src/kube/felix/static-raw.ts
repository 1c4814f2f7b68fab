// The fixed part of Felix' raw table (felix/rules/static.go): VXLAN goes without conntrack, and a pod that writes a source address
// that is not routed back to it is dropped, before anything else looks at its packet.
import { jump } from './chain.ts';
import type { FelixRule } from './chain.ts';
import { ACCEPT, ALL_BITS, clearMark, markClear, markSet, SCRATCH0, setMark } from './marks.ts';
import { WORKLOADS } from './static-filter.ts';
import type { FelixConfig, FelixTable } from './types.ts';

export function staticRaw({ vxlanPort }: FelixConfig): FelixTable {
  const untracked: readonly FelixRule[] =
    vxlanPort === null
      ? []
      : [{ match: ['-p udp', `--dport ${vxlanPort}`], action: jump('NOTRACK') }];
  const allow: FelixRule = { match: [markSet(ACCEPT)], action: jump('ACCEPT') };
  return {
    table: 'raw',
    chains: [
      {
        name: 'cali-PREROUTING',
        rules: [
          { action: clearMark(ALL_BITS) },
          ...untracked,
          { match: [`--in-interface ${WORKLOADS}`], action: setMark(SCRATCH0) },
          { match: [markSet(SCRATCH0)], action: jump('cali-rpf-skip') },
          {
            match: [markSet(SCRATCH0), '-m rpfilter --invert --validmark'],
            action: jump('DROP'),
          },
          { match: [markClear(SCRATCH0)], action: jump('cali-from-host-endpoint') },
          allow,
        ],
      },
      {
        name: 'cali-OUTPUT',
        rules: [
          { action: clearMark(ALL_BITS) },
          { action: jump('cali-to-host-endpoint') },
          ...untracked,
          allow,
        ],
      },
      ...['cali-rpf-skip', 'cali-from-host-endpoint', 'cali-to-host-endpoint'].map((name) => ({
        name,
        rules: [],
      })),
    ],
    top: ['PREROUTING', 'OUTPUT'].map((name) => ({
      name,
      rules: [{ action: jump(`cali-${name}`) }],
    })),
    end: [],
  };
}
