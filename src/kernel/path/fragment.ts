// Fragments (RFC 791 section 3.2; ip_do_fragment, ip_defrag): a piece names the layers that it is cut from, so that putting the
// pieces together gives them back exactly.
import { SECOND } from '../../base/queue.ts';
import { byteLength } from '../../wire/length.ts';
import { l3Index } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel, Netns } from '../types.ts';

const REASSEMBLY_TIMEOUT = 30 * SECOND;

interface Part {
  readonly of: readonly Layer[];
  readonly offset: number;
  readonly length: number;
}

/** What follows the IP header, as a part of the whole datagram. */
function partOf(rest: readonly Layer[]): Part {
  const only = rest[0];
  if (only?.kind === 'fragment') return only.header;
  return { of: rest, offset: 0, length: byteLength(rest) };
}

/** How much data each piece gets: as the pieces were that still hang together, or as much as fits. */
function cuts(skb: Skb, length: number, room: number): readonly number[] {
  const { fragList } = skb;
  const fits = (part: number, i: number): boolean =>
    part <= room && (part % 8 === 0 || i === fragList.length - 1);
  const same = fragList.reduce((sum, part) => sum + part, 0) === length && fragList.every(fits);
  if (same) return fragList;
  return Array.from({ length: Math.ceil(length / room) }, (_, i) =>
    Math.min(room, length - i * room),
  );
}

/** Cuts an IPv4 packet for an MTU; IPv6 gets a fragment header. The packet itself ends: it goes on as its pieces. */
export function fragment(k: Kernel, skb: Skb, linkMtu: number): readonly Skb[] {
  const mtu = skb.fragMaxSize === 0 ? linkMtu : Math.min(linkMtu, skb.fragMaxSize);
  const at = l3Index(skb.layers);
  const ip = skb.layers[at]!;
  const v6 = ip.kind === 'ipv6';
  const room = Math.floor((mtu - (v6 ? 48 : 20)) / 8) * 8;
  const part = partOf(skb.layers.slice(at + 1));
  const moreAfter = ip.kind === 'ipv4' && ip.header.mf;
  const id = v6 ? k.rng('ipv6 fragment id').u32() : 0;
  const pieces: Skb[] = [];
  let done = 0;
  for (const length of cuts(skb, part.length, room)) {
    const offset = part.offset + done;
    done += length;
    const mf = moreAfter || done < part.length;
    const piece: Layer = {
      kind: 'fragment',
      id: k.rec.layerId(),
      header: { of: part.of, offset, length },
    };
    const head: Layer[] =
      ip.kind === 'ipv4'
        ? [{ ...ip, header: { ...ip.header, mf, fragOffset: offset } }]
        : [
            {
              ...(ip as Layer<'ipv6'>),
              header: { ...(ip as Layer<'ipv6'>).header, nextHeader: 44 },
            },
            {
              kind: 'ipv6Fragment',
              id: k.rec.layerId(),
              header: { nextHeader: (ip as Layer<'ipv6'>).header.nextHeader, offset, mf, id },
            },
          ];
    const next = k.clone(skb, [...skb.layers.slice(0, at), ...head, piece]);
    next.fragMaxSize = 0;
    next.fragList = [];
    pieces.push(next);
  }
  const dev = skb.dst?.dev ?? skb.dev!;
  k.rec.event('ip.fragment', skb, dev.site, {
    mtu,
    pieces: pieces.map((p) => p.id),
  });
  k.rec.fate(skb.id, { kind: 'replaced', by: pieces.map((p) => p.id) });
  return pieces;
}

export function isFragment(skb: Skb): boolean {
  const ip = skb.layers[l3Index(skb.layers)];
  if (ip?.kind === 'ipv4') return ip.header.mf || ip.header.fragOffset > 0;
  return skb.layers[l3Index(skb.layers) + 1]?.kind === 'ipv6Fragment';
}

/** The packet itself if it is whole; the datagram that it completes; or null while pieces are missing. */
export function defragment(k: Kernel, skb: Skb, ns: Netns, dev: Dev, user: string): Skb | null {
  if (!isFragment(skb)) return skb;
  const at = l3Index(skb.layers);
  const ip = skb.layers[at] as Layer<'ipv4'> | Layer<'ipv6'>;
  const extension = skb.layers[at + 1];
  const v6 = extension?.kind === 'ipv6Fragment' ? extension.header : null;
  const id = v6 === null ? (ip as Layer<'ipv4'>).header.id : v6.id;
  const key = `${user} ${ip.header.src} ${ip.header.dst} ${id}`;
  let waiting = ns.fragments.get(key);
  if (waiting === undefined) {
    ns.fragments.set(key, (waiting = []));
    k.after(REASSEMBLY_TIMEOUT, () => {
      if (ns.fragments.get(key) !== waiting) return;
      ns.fragments.delete(key);
      for (const piece of waiting ?? [])
        k.drop(piece, dev, 'FRAG_REASM_TIMEOUT', 'ip_expire', 'the other pieces did not come');
    });
  }
  waiting.push(skb);
  const parts = waiting
    .map((piece) => {
      const i = l3Index(piece.layers);
      const head = piece.layers[i]!;
      const ext = piece.layers[i + 1];
      const mf =
        head.kind === 'ipv4' ? head.header.mf : ext?.kind === 'ipv6Fragment' && ext.header.mf;
      return { mf, part: partOf(piece.layers.slice(v6 === null ? i + 1 : i + 2)), piece };
    })
    .sort((a, b) => a.part.offset - b.part.offset);
  let end = 0;
  for (const { part } of parts) {
    if (part.offset > end) return null;
    end = Math.max(end, part.offset + part.length);
  }
  if (parts.at(-1)!.mf) return null;
  ns.fragments.delete(key);
  const last = waiting.at(-1)!;
  const head: Layer =
    ip.kind === 'ipv4'
      ? { ...ip, header: { ...ip.header, mf: false, fragOffset: 0 } }
      : { ...ip, header: { ...ip.header, nextHeader: v6!.nextHeader } };
  const whole = k.clone(last, [...last.layers.slice(0, at), head, ...parts[0]!.part.of]);
  whole.fragMaxSize = Math.max(
    ...waiting.map((p) => byteLength(p.layers.slice(l3Index(p.layers)))),
  );
  whole.fragList = parts.map(({ part }) => part.length);
  // What conntrack put together may be cut again for the way out.
  whole.ignoreDf = user !== 'local';
  k.rec.event('ip.reassemble', whole, dev.site, { pieces: waiting.map((p) => p.id) });
  for (const piece of waiting) k.rec.fate(piece.id, { kind: 'replaced', by: [whole.id] });
  return whole;
}
