// -j TCPMSS: changes the MSS option of a SYN (net/netfilter/xt_TCPMSS.c tcpmss_mangle_packet).
import { tcpOptionLength } from '../../wire/length.ts';
import type { Layer, TcpOption } from '../../wire/types.ts';
import { SYN_ONLY } from '../matches/tcp-flags.ts';
import type { TcpSpec } from '../matches/tcp.ts';
import { find, type TargetModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';

/** null: clamp to the path MTU. */
export interface TcpmssTargetSpec {
  readonly mss: number | null;
}
/** Options make at most 40 bytes. */
const MAX_OPTION_BYTES = 40;
const asksForSyn = ({ flags }: TcpSpec): boolean =>
  flags !== null && !flags.invert && (flags.comp & SYN_ONLY) !== 0;

export const TCPMSS: TargetModule<TcpmssTargetSpec> = {
  name: 'TCPMSS',
  limits: { protocols: [6] },
  mangles: true,
  options: { 'set-mss': '1', 'clamp-mss-to-pmtu': '0' },
  parse(given, ctx) {
    const set = find(given, 'set-mss');
    const clamp = find(given, 'clamp-mss-to-pmtu');
    if ((set === undefined) === (clamp === undefined))
      ctx.fail('TCPMSS: exactly one of --set-mss and --clamp-mss-to-pmtu is required');
    return { mss: set ? parseNumber(set.values[0] ?? '', ctx, 'mss', 65535) : null };
  },
  print: ({ mss }) => (mss === null ? ' --clamp-mss-to-pmtu' : ` --set-mss ${mss}`),
  // Only the first segments carry the option (find_syn_match).
  lacks: (_, matches) =>
    matches.some(({ name, spec }) => name === 'tcp' && asksForSyn(spec as TcpSpec))
      ? null
      : 'TCPMSS works on SYN packets only: the rule must match them',
  refusedHooks: ({ mss }) => (mss === null ? ['PREROUTING', 'INPUT'] : []),
  compile: (spec) => (facts, view, act) => {
    const tcp = facts.transport;
    if (tcp?.kind !== 'tcp') return facts.fragOffset === 0 ? 'drop' : 'continue';
    const headers = view.family === 'ipv4' ? 40 : 60;
    const mtu = spec.mss === null ? view.pathMtu() : 0;
    if (spec.mss === null && mtu <= headers) return 'drop';
    const mss = spec.mss ?? mtu - headers;
    const old = tcp.header.options.find((option) => option.kind === 'mss');
    let options: readonly TcpOption[];
    if (old?.kind === 'mss') {
      // Never up: that would defeat what another hop clamped.
      if (old.value <= mss) return 'continue';
      options = tcp.header.options.map((o) => (o === old ? { kind: 'mss', value: mss } : o));
    } else {
      const used = tcp.header.options.reduce((sum, option) => sum + tcpOptionLength(option), 0);
      if (!tcp.header.flags.syn || used + 4 > MAX_OPTION_BYTES) return 'continue';
      // Without the option the other end assumes the least that every host takes.
      const least = Math.min(mss, view.family === 'ipv4' ? 536 : 1220);
      options = [{ kind: 'mss', value: least }, ...tcp.header.options];
    }
    const changed: Layer = { ...tcp, header: { ...tcp.header, options } };
    act.mangle(facts.layers.map((layer) => (layer === tcp ? changed : layer)));
    return 'continue';
  },
};
