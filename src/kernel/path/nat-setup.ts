// Choosing a binding for a new connection: DNAT, SNAT, MASQUERADE and REDIRECT ask for it (nf_nat_setup_info,
// nf_nat_masquerade_ipv4, nf_nat_redirect_ipv4).
import { setupNat } from '../../conntrack/nat.ts';
import type { Tuple } from '../../conntrack/types.ts';
import { isIcmp } from '../../conntrack/tuple.ts';
import { selectSource4, selectSource6 } from '../../net/fib/source.ts';
import { fromL3 } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { NatRange } from '../../netfilter/types.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import { parseIpv4 } from '../../wire/addr/ipv4.ts';
import type { IpAddr, Ipv4, Ipv6 } from '../../wire/addr/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel, Netns } from '../types.ts';
import { changedEntry } from './conntrack.ts';
import type { HookDevs } from './hooks.ts';

export type SetupRange = Omit<NatRange, 'by'> & { readonly by: NatRange['by'] | 'null' };

export function setupRange(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  range: SetupRange,
  devs: HookDevs,
  later: (() => void)[],
): 'accept' | 'drop' {
  const binding = skb.ct;
  // Without an entry there is nothing to bind (the kernel's targets then drop).
  if (binding === null) return 'drop';
  const { entry } = binding;
  if (entry.confirmed) return 'accept';
  const resolved = withAddress(skb, range, devs);
  if (resolved === null) return 'drop';
  const made = setupNat(
    {
      table: ns.ct,
      now: k.rec.now,
      random: () => k.rng(`${ns.name} nat port`).u32() & 0xffff,
      evicted: (old) => changedEntry(k, ns, old, () => undefined),
    },
    entry,
    range.manip,
    resolved,
  );
  if (made === null) return 'drop';
  if (range.by === 'MASQUERADE' && devs.out !== null) entry.masqIndex = devs.out.index;
  if (k.rec.silent || (range.by === 'null' && made.why === null)) return 'accept';
  later.push(() => {
    k.rec.event('nat.setup', skb, (devs.in ?? devs.out)!.site, {
      manip: range.manip,
      entry: entry.id,
      from: end(made.from, range.manip),
      to: end(made.to, range.manip),
      by: range.by,
      why: made.why,
    });
  });
  return 'accept';
}

function end(t: Tuple, manip: 'src' | 'dst'): string {
  const addr = printAddr(manip === 'src' ? t.src : t.dst);
  if (isIcmp(t.protocol)) return manip === 'src' ? `${addr} id ${t.sport}` : addr;
  return `${addr}:${manip === 'src' ? t.sport : t.dport}`;
}

/** MASQUERADE takes an address of the way out, REDIRECT one of the way in (or loopback for local packets). */
function withAddress(skb: Skb, range: SetupRange, devs: HookDevs): SetupRange | null {
  if (range.by !== 'MASQUERADE' && range.by !== 'REDIRECT') return range;
  const ip = fromL3(skb.layers)[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  let addr: IpAddr | null;
  if (range.by === 'REDIRECT') {
    const dev = devs.in;
    if (dev === null) addr = ip.kind === 'ipv4' ? parseIpv4('127.0.0.1') : (1n as Ipv6);
    else
      addr =
        dev.addresses.find((a) => typeof a.prefix.addr === typeof ip.header.dst)?.prefix.addr ??
        null;
  } else {
    const out = devs.out!;
    const hop = skb.dst?.via ?? ip.header.dst;
    addr =
      ip.kind === 'ipv4'
        ? selectSource4(out.ns, out, hop as Ipv4, 'global')
        : selectSource6(out.ns, out, ip.header.dst);
  }
  return addr === null ? null : { ...range, minAddr: addr, maxAddr: addr };
}
