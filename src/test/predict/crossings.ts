// Frames on devices, told in the form of a recording: what each header says, and which crossings are one packet on its way. The
// engine's frames and those of a real kernel come here alike.
import type { Layer } from '../../wire/types.ts';
import { decodeFrame } from './observe.ts';
import type { Decoded, Isns, Json } from './observe.ts';

export interface Crossing {
  readonly netns: string;
  readonly dev: string;
  /** `host`, `broadcast`, `multicast`, `otherhost` of a frame that came in; null: it went out. */
  readonly packetType: string | null;
  readonly layers: readonly Layer[];
}

/** Sequence numbers are told relative to the nearest initial one. */
function initialSequenceNumbers(frames: readonly (readonly Layer[])[]): Isns {
  const isns: number[] = [];
  const collect = (layers: readonly Layer[]): void => {
    for (const layer of layers) {
      if (layer.kind === 'tcp' && layer.header.flags.syn && !isns.includes(layer.header.seq))
        isns.push(layer.header.seq);
      const error = layer.kind === 'icmpv4' || layer.kind === 'icmpv6' ? layer.header.body : null;
      if (error?.kind === 'error') collect(error.quoted.layers);
    }
  };
  frames.forEach(collect);
  return {
    relative(value) {
      let best: number | null = null;
      for (const isn of isns) {
        const d = (value - isn) | 0;
        if (Math.abs(d) < 1 << 22 && (best === null || Math.abs(d) < Math.abs(best))) best = d;
      }
      return best ?? value;
    },
  };
}

export function observe(crossings: readonly Crossing[]): {
  readonly observations: readonly Decoded[];
  readonly packets: readonly Json[];
} {
  const isns = initialSequenceNumbers(crossings.map(({ layers }) => layers));
  const observations: Decoded[] = [];
  const packets: { id: string; seen: Set<string>; path: string[]; obs: number[] }[] = [];
  const current = new Map<string, (typeof packets)[number]>();
  crossings.forEach(({ netns, dev, packetType, layers }, i) => {
    const { out, key } = decodeFrame(layers, isns);
    const dir = packetType === null ? 'out' : 'in';
    const inner = (out['inner'] ?? out) as Decoded;
    const ttl = ((inner['ip'] ?? inner['ip6']) as Decoded | undefined)?.['ttl'] ?? null;
    const unique = `${netns} ${dev} ${dir} ${ttl as string} ${'vxlan' in out}`;
    let packet = current.get(key);
    if (packet === undefined || packet.seen.has(unique)) {
      packet = { id: `p${packets.length + 1}`, seen: new Set(), path: [], obs: [] };
      packets.push(packet);
      current.set(key, packet);
    }
    packet.seen.add(unique);
    packet.path.push(`${netns}:${dev}:${dir}`);
    packet.obs.push(i);
    const pt = packetType === null ? {} : { pt: packetType };
    observations.push({ i, pkt: packet.id, ns: netns, if: dev, dir, ...pt, ...out });
  });
  return { observations, packets: packets.map(({ id, path, obs }) => ({ id, path, obs })) };
}
