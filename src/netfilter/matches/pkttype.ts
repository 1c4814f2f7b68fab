// -m pkttype: for whom the link layer says the packet is (net/netfilter/xt_pkttype.c). A packet over loopback is judged by
// its address.
import { isMulticast } from '../../wire/addr/ip.ts';
import { bang, byMismatch, need, type MatchModule } from '../module.ts';
import type { Facts } from '../facts.ts';
import type { NfView } from '../types.ts';

const TYPES = {
  unicast: 'host',
  broadcast: 'broadcast',
  multicast: 'multicast',
  otherhost: 'otherhost',
} as const;
type Name = keyof typeof TYPES;
export interface PkttypeSpec {
  readonly type: Name;
  readonly invert: boolean;
}
const isName = (text: string): text is Name => text in TYPES;

function typeOf(facts: Facts, view: NfView): string {
  if (view.packetType !== 'loopback') return view.packetType;
  if (isMulticast(facts.dst)) return 'multicast';
  return facts.dst === 0xffffffff ? 'broadcast' : 'host';
}

export const pkttype: MatchModule<PkttypeSpec> = {
  name: 'pkttype',
  options: { 'pkt-type': '!1' },
  parse(given, ctx) {
    const option = need(given, ctx, 'pkt-type');
    const word = option.values[0] ?? '';
    const name =
      word === 'bcast'
        ? 'broadcast'
        : word === 'mcast'
          ? 'multicast'
          : word === 'host'
            ? 'unicast'
            : word;
    if (!isName(name)) ctx.fail(`unknown packet type "${word}"`, Object.keys(TYPES).join(', '));
    return { type: isName(name) ? name : 'unicast', invert: option.invert };
  },
  print: ({ type, invert }) => `${bang(invert)} --pkt-type ${type}`,
  ...byMismatch<PkttypeSpec>(({ type, invert }, facts, view) =>
    (typeOf(facts, view) === TYPES[type]) === invert
      ? `packet type ${typeOf(facts, view)} is ${invert ? '' : 'not '}${TYPES[type]}`
      : null,
  ),
};
