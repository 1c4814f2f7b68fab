// Bytes to packets. Never throws and never loops: each layer consumes bytes, and quotes in quotes have a limit.
// Checksums are not judged. Padding behind a packet is dropped, as the IP receive path trims it.
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { specOf } from '../headers/index.ts';
import type { ParseContext } from '../headers/spec.ts';
import { get16, get8 } from './bytes.ts';
import type { Layer, LayerId, LayerKind, Packet, Quote, WireError } from '../types.ts';

export interface ParseOptions {
  /** Where the bytes start: `ethernet` for a frame. */
  readonly first: 'ethernet' | 'ipv4' | 'ipv6';
  /** UDP destination ports that carry VXLAN: 4789, and 8472 for flannel. */
  readonly vxlanPorts: readonly number[];
}

/** ICMP errors are never sent about ICMP errors (RFC 1122 section 3.2.2); bytes may claim it all the same. */
const MAX_QUOTE_DEPTH = 4;
const MAX_LAYERS = 64;

interface State {
  nextId: number;
  readonly vxlanPorts: readonly number[];
}

export function parsePacket(bytes: Uint8Array, options: ParseOptions): Result<Packet, WireError> {
  const state: State = { nextId: 1, vxlanPorts: options.vxlanPorts };
  const layers = parseLayers(bytes, options.first, state, 0, 0);
  return layers.ok ? ok({ layers: layers.value }) : layers;
}

function parseLayers(
  bytes: Uint8Array,
  first: LayerKind,
  state: State,
  missing: number,
  depth: number,
): Result<readonly Layer[], WireError> {
  const layers: Layer[] = [];
  let rest = bytes;
  let kind = first;
  let cut = missing;
  do {
    if (layers.length >= MAX_LAYERS) kind = 'payload';
    const context: ParseContext = {
      missing: cut,
      vxlanPorts: state.vxlanPorts,
      parseQuote: (quoted, family) => parseQuote(quoted, family, state, depth + 1),
    };
    let parsed = specOf(kind).parse(rest, context);
    if (!parsed.ok) {
      // The first eight bytes of a TCP header are all that some quotes have of it.
      if (cut === 0 || layers.length === 0) return parsed;
      kind = 'payload';
      parsed = specOf(kind).parse(rest, context);
      if (!parsed.ok) return parsed;
    }
    const { header, used, total, next } = parsed.value;
    layers.push({ kind, id: state.nextId++ as LayerId, header } as Layer);
    if (kind === 'payload') break;
    if (total !== null) cut = Math.max(0, total - rest.length);
    rest = rest.subarray(used, total ?? rest.length);
    kind = next;
  } while (rest.length + cut > 0);
  return ok(layers);
}

/** The quote tells by its own IP header how long the packet was before it was cut. */
function parseQuote(
  bytes: Uint8Array,
  kind: 'ipv4' | 'ipv6',
  state: State,
  depth: number,
): Quote | null {
  if (depth > MAX_QUOTE_DEPTH || bytes.length < 20) return null;
  const version = get8(bytes, 0) >> 4;
  if (version !== (kind === 'ipv4' ? 4 : 6)) return null;
  const total = kind === 'ipv4' ? get16(bytes, 2) : 40 + get16(bytes, 4);
  const before = state.nextId;
  const layers = parseLayers(bytes, kind, state, Math.max(0, total - bytes.length), depth);
  if (!layers.ok) {
    state.nextId = before;
    return null;
  }
  return { layers: layers.value, length: bytes.length };
}
