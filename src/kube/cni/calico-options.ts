// Settings of Calico, in the words of its Installation, IPPool and FelixConfiguration resources.
import * as v from 'valibot';
import type { IpFamily } from '../families.ts';

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

export const calicoOptions = v.strictObject({
  name: v.literal('calico'),
  /** How packets travel between nodes. `CrossSubnet`: the tunnel only between nodes of different subnets. manifests/calico.yaml: IPIP. */
  encapsulation: v.optional(
    v.picklist(['IPIP', 'IPIPCrossSubnet', 'VXLAN', 'VXLANCrossSubnet', 'None']),
    'IPIP',
  ),
  /** Masquerade what leaves the pools. Default as calico-node: on for IPv4, off for IPv6. */
  natOutgoing: v.optional(v.boolean()),
  /** Length of the blocks that nodes claim of an IPv4 pool. */
  blockSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(20), v.maxValue(32)), 26),
  vxlanPort: v.optional(port, 4789),
  vxlanVNI: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffff)), 4096),
  /** What becomes of packets of a pod to its own node that its policies allow. Manifests set Accept; Felix' own default is Drop. */
  defaultEndpointToHostAction: v.optional(v.picklist(['Accept', 'Drop', 'Return']), 'Accept'),
  /** A BGPPeer with the subnets' router: it learns where the blocks are, and pods can be reached from outside. */
  peerRouter: v.optional(v.boolean(), false),
});
export type CalicoOptions = v.InferOutput<typeof calicoOptions>;

/** IP in IP carries IPv4 alone; an IPv6 pool beside it goes without a tunnel. */
export const tunnelOf = (
  { encapsulation }: CalicoOptions,
  family: IpFamily,
): 'ipip' | 'vxlan' | null => {
  if (encapsulation.startsWith('VXLAN')) return 'vxlan';
  return encapsulation.startsWith('IPIP') && family === 'IPv4' ? 'ipip' : null;
};

export const crossSubnetOnly = ({ encapsulation }: CalicoOptions): boolean =>
  encapsulation.endsWith('CrossSubnet');

export const natOutgoing = (options: CalicoOptions, family: IpFamily): boolean =>
  options.natOutgoing ?? family === 'IPv4';

/** Felix makes the routes of VXLAN; those of the other modes come by BGP. */
export const routeProtocol = (options: CalicoOptions): 'bird' | 80 =>
  options.encapsulation.startsWith('VXLAN') ? 80 : 'bird';
