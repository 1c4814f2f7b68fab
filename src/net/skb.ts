// Small helpers over packets in flight. Layers are values: each helper gives new ones.
import type { Mac } from '../wire/addr/types.ts';
import type { Headers, Layer, LayerKind } from '../wire/types.ts';
import type { NetIo } from './io.ts';
import type { Skb } from './types.ts';

/** Index of the IP header (or whatever follows the Ethernet header). */
export const l3Index = (layers: readonly Layer[]): number =>
  layers[0]?.kind === 'ethernet' ? 1 : 0;

export type IpLayer = Layer<'ipv4'> | Layer<'ipv6'>;

export function ipLayer(layers: readonly Layer[]): IpLayer | null {
  const layer = layers[l3Index(layers)];
  return layer?.kind === 'ipv4' || layer?.kind === 'ipv6' ? layer : null;
}

export const ethernet = (skb: Skb): Headers['ethernet'] | null =>
  skb.layers[0]?.kind === 'ethernet' ? skb.layers[0].header : null;

/** The packet without its Ethernet header. */
export const fromL3 = (layers: readonly Layer[]): readonly Layer[] =>
  layers[0]?.kind === 'ethernet' ? layers.slice(1) : layers;

/** The same layers with another header at `index`; the layer keeps its identity. */
export function withHeader(
  layers: readonly Layer[],
  index: number,
  header: Headers[LayerKind],
): readonly Layer[] {
  const next = layers.slice();
  next[index] = { ...layers[index]!, header } as Layer;
  return next;
}

/** Writes the Ethernet header: over the old one where there is one, so that a reader sees two addresses change. */
export function writeEthernet(io: NetIo, skb: Skb, dst: Mac, src: Mac, etherType: number): void {
  const first = skb.layers[0];
  const header = { dst, src, etherType };
  if (first?.kind === 'ethernet') {
    const layers = skb.layers.slice();
    layers[0] = { kind: 'ethernet', id: first.id, header };
    skb.layers = layers;
  } else skb.layers = [{ kind: 'ethernet', id: io.rec.layerId(), header }, ...skb.layers];
}

const NO_PIECES: readonly number[] = [];

/** What a packet loses when it leaves its namespace (skb_scrub_packet), and what it loses in any tunnel. */
export function scrub(skb: Skb, crossesNamespace: boolean): void {
  skb.packetType = 'host';
  skb.dst = null;
  skb.bridge = null;
  skb.ct = null;
  skb.untracked = false;
  skb.ctZone = 0;
  skb.traced = false;
  skb.redirect = false;
  skb.ignoreDf = false;
  skb.fragMaxSize = 0;
  skb.fragList = NO_PIECES;
  if (!crossesNamespace) return;
  skb.mark = 0;
  skb.socket = null;
}
