// Where the blocks of other nodes are, and what becomes of addresses of the node's own blocks that no pod has (felix/dataplane/linux/
// route_mgr.go; confd's bird_aggr.cfg.template). Felix makes the routes of VXLAN, BIRD those that BGP learns.
import { hostCidr, inside } from '../cidr.ts';
import { ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import type { CalicoShared } from './calico-ipam.ts';
import { crossSubnetOnly, routeProtocol, tunnelOf } from './calico-options.ts';
import type { CalicoOptions } from './calico-options.ts';
import { tunnelAddress, tunnelDevice, vtepMac } from './calico-tunnels.ts';
import type { CniContext, NodeInfo } from './types.ts';

type Context = CniContext<CalicoShared>;

/** Blocks and borrowed addresses of a node, as routes name them. */
export const rangesOf = (
  { blocks, borrowed }: CalicoShared,
  node: string,
  family: IpFamily,
): readonly string[] => [
  ...blocks
    .filter((block) => block.node === node && block.family === family)
    .map(({ cidr }) => cidr),
  ...borrowed
    .filter((one) => one.node === node && one.family === family)
    .map(({ ip }) => hostCidr(ip)),
];

const sameSubnet = (node: NodeInfo, ip: string): boolean =>
  node.subnet.cidrs.some((cidr) => inside(cidr, ip));

export function calicoRoutes(ctx: Context, options: CalicoOptions): readonly NetOp[] {
  const { node, shared } = ctx;
  const proto = routeProtocol(options);
  const by = proto === 80 ? 'felix' : 'bird';
  return ctx.families.flatMap((family) => [
    ...shared.blocks
      .filter((block) => block.node === node.name && block.family === family)
      .flatMap(({ cidr }) =>
        opsBy(by, node.name, `IPAMBlock ${cidr}`, [
          { op: 'route.add', route: { dst: cidr, type: 'blackhole', proto } },
        ]),
      ),
    ...ctx.peers.flatMap((peer) => peerOps(ctx, peer, options, family)),
  ]);
}

function peerOps(
  ctx: Context,
  peer: NodeInfo,
  options: CalicoOptions,
  family: IpFamily,
): readonly NetOp[] {
  const { node, shared } = ctx;
  const ip = ofFamily(peer.ips, family);
  if (ip === null) return [];
  const ranges = rangesOf(shared, peer.name, family);
  const proto = routeProtocol(options);
  const object = `Node ${peer.name}`;
  const near = sameSubnet(node, ip);
  const tunnel = near && crossSubnetOnly(options) ? null : tunnelOf(options, family);
  const vtep = tunnelOf(options, family) === 'vxlan' ? vtepOps(ctx, peer, options, family) : [];
  const routes = ranges.map((dst): NetAction => {
    const dev = tunnelDevice(options, family) ?? '';
    if (tunnel === 'vxlan') {
      const via = tunnelAddress(shared, peer.name, family) ?? '';
      return { op: 'route.add', route: { dst, via, dev, onlink: true, proto } };
    }
    if (tunnel === 'ipip')
      return { op: 'route.add', route: { dst, via: ip, dev, onlink: true, proto } };
    // BIRD resolves a next hop of another subnet by the node's own routes: packets go to the router.
    const via = near ? ip : (ofFamily(node.subnet.gateways, family) ?? ip);
    const onlink = proto === 80 ? { onlink: true } : {};
    return { op: 'route.add', route: { dst, via, dev: node.device, ...onlink, proto } };
  });
  return [
    ...opsBy('felix', node.name, object, vtep),
    ...opsBy(proto === 80 ? 'felix' : 'bird', node.name, object, routes),
  ];
}

/** Every VTEP is known beforehand: nothing is learned, nothing is flooded. */
function vtepOps(
  { shared }: Context,
  peer: NodeInfo,
  options: CalicoOptions,
  family: IpFamily,
): readonly NetAction[] {
  const dev = tunnelDevice(options, family);
  const ip = tunnelAddress(shared, peer.name, family);
  const dst = ofFamily(peer.ips, family);
  if (dev === null || ip === null || dst === null) return [];
  const mac = vtepMac(peer.name, family);
  return [
    { op: 'neigh.add', neigh: { ip, dev, mac, state: 'permanent' } },
    { op: 'fdb.add', fdb: { mac, dev, dst } },
  ];
}
