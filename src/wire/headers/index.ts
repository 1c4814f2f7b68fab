// The registry of headers. To add one: a line in `Headers` (types.ts), a file here with its HeaderSpec, and a line
// below; then length.ts and summary.ts say what else they need to know of it.
import type { LayerKind } from '../types.ts';
import { arp } from './arp.ts';
import { ethernet } from './ethernet.ts';
import { fragment } from './fragment.ts';
import { icmpv4 } from './icmpv4.ts';
import { icmpv6 } from './icmpv6.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6Fragment } from './ipv6-fragment.ts';
import { ipv6 } from './ipv6.ts';
import { payload } from './payload.ts';
import type { HeaderSpec } from './spec.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';
import { vxlan } from './vxlan.ts';

export const HEADERS: { readonly [K in LayerKind]: HeaderSpec<K> } = {
  ethernet,
  arp,
  ipv4,
  ipv6,
  ipv6Fragment,
  icmpv4,
  icmpv6,
  tcp,
  udp,
  vxlan,
  fragment,
  payload,
};

/** The spec of a layer whose kind is known at run time only: its methods take the header of the same layer. */
export const specOf = (kind: LayerKind): HeaderSpec<LayerKind> =>
  HEADERS[kind] as unknown as HeaderSpec<LayerKind>;
