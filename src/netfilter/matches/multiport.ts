// -m multiport: up to 15 ports or ranges (net/netfilter/xt_multiport.c, revision 1).
import { bang, byMismatch, type MatchModule } from '../module.ts';
import { parsePortRange, printPortRange, type Range } from '../save/values.ts';

export interface MultiportSpec {
  readonly side: 'sports' | 'dports' | 'ports';
  readonly ports: readonly Range[];
  readonly invert: boolean;
}
const SIDES = {
  sports: 'sports',
  'source-ports': 'sports',
  dports: 'dports',
  'destination-ports': 'dports',
  ports: 'ports',
} as const;
const sideOf = (name: string): MultiportSpec['side'] =>
  (SIDES as Readonly<Record<string, MultiportSpec['side']>>)[name] ?? 'ports';

export const multiport: MatchModule<MultiportSpec> = {
  name: 'multiport',
  limits: { protocols: [6, 17, 33, 132, 136] },
  options: {
    sports: '!1',
    'source-ports': '!1',
    dports: '!1',
    'destination-ports': '!1',
    ports: '!1',
  },
  parse(given, ctx) {
    const option = given[0];
    if (option === undefined || given.length > 1)
      ctx.fail('multiport: exactly one of --sports, --dports, --ports must be specified');
    const ports = (option?.values[0] ?? '').split(',').map((text) => parsePortRange(text, ctx));
    const slots = ports.reduce((sum, { min, max }) => sum + (min === max ? 1 : 2), 0);
    if (slots > 15) ctx.fail('too many ports specified', 'at most 15; a range counts as two');
    return { side: sideOf(option?.name ?? ''), ports, invert: option?.invert ?? false };
  },
  print: ({ side, ports, invert }) =>
    `${bang(invert)} --${side} ${ports.map((range) => printPortRange(range)).join(',')}`,
  ...byMismatch<MultiportSpec>((spec, facts) => {
    if (facts.sport < 0) {
      if (facts.fragOffset === 0) facts.hotdrop = true;
      return 'the packet has no ports';
    }
    const has = (port: number): boolean => spec.ports.some((r) => port >= r.min && port <= r.max);
    const fits =
      (spec.side !== 'dports' && has(facts.sport)) || (spec.side !== 'sports' && has(facts.dport));
    if (fits !== spec.invert) return null;
    const value =
      spec.side === 'sports'
        ? `sport ${facts.sport}`
        : spec.side === 'dports'
          ? `dport ${facts.dport}`
          : `sport ${facts.sport}, dport ${facts.dport}`;
    return `${value} is ${spec.invert ? '' : 'not '}one of ${spec.ports.map((range) => printPortRange(range)).join(',')}`;
  }),
};
