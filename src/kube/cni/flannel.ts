// Flannel (v0.28, flannel-io/flannel Documentation/kube-flannel.yml): flanneld makes routes to the other nodes, the flannel CNI plugin
// delegates pods to the bridge plugin. Backends: vxlan (tunnel between nodes) and host-gw (nodes are each other's gateways).
import * as v from 'valibot';
import { assertNever } from '../../base/assert.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import { contains, parsePrefix } from '../../wire/addr/prefix.ts';
import { randomMac } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { bridgeAdd } from './bridge.ts';
import { flannelRules } from './flannel-rules.ts';
import { hostLocal, nthAddress } from './host-local.ts';
import type { CniContext, CniDriver, NodeInfo } from './types.ts';

const options = v.strictObject({
  name: v.literal('flannel'),
  backend: v.optional(v.picklist(['vxlan', 'host-gw']), 'vxlan'),
  /** Up to seven digits: a device name has at most 15 characters. */
  vni: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9_999_999)), 1),
  /** The kernel's own default, not the 4789 of RFC 7348. */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)), 8472),
  /** Plain routes between nodes of one subnet, the tunnel only across routers. */
  directRouting: v.optional(v.boolean(), false),
});
type Options = v.InferOutput<typeof options>;

/** Outer Ethernet, IPv4, UDP and VXLAN headers. */
const VXLAN_OVERHEAD = 50;

const mtuOf = (node: NodeInfo, { backend }: Options): number =>
  backend === 'vxlan' ? node.mtu - VXLAN_OVERHEAD : node.mtu;

/** A node announces it in an annotation, so that the others can write it into their tables. */
const vtepMac = (seed: number, node: string): string => randomMac(`${seed} ${node} vtep`);

const onLink = (ctx: CniContext, peer: NodeInfo): boolean => {
  const subnet = parsePrefix(ctx.node.subnet);
  const addr = parseAddr(peer.ip);
  return subnet !== null && addr !== null && contains(subnet, addr);
};

function vxlanSetup(ctx: CniContext, opts: Options): readonly NetOp[] {
  const { node, seed } = ctx;
  const dev = `flannel.${opts.vni}`;
  const own: readonly NetAction[] = [
    {
      op: 'link.add',
      dev: {
        name: dev,
        type: 'vxlan',
        mac: vtepMac(seed, node.name),
        mtu: mtuOf(node, opts),
        vxlan: {
          vni: opts.vni,
          dstport: opts.port,
          local: node.ip,
          dev: node.device,
          learning: false,
        },
      },
    },
    // The network address of the node's own range: a source address for the node that no pod can have.
    { op: 'addr.add', dev, cidr: `${nthAddress(node.podCIDR, 0)}/32` },
  ];
  const remote = ctx.peers.flatMap((peer): readonly NetOp[] => {
    if (opts.directRouting && onLink(ctx, peer))
      return opsBy('flannel', node.name, `Node ${peer.name}`, [
        { op: 'route.add', route: { dst: peer.podCIDR, via: peer.ip } },
      ]);
    const vtep = nthAddress(peer.podCIDR, 0) ?? '';
    const mac = vtepMac(seed, peer.name);
    return opsBy('flannel', node.name, `Node ${peer.name}`, [
      { op: 'neigh.add', neigh: { ip: vtep, dev, mac, state: 'permanent' } },
      { op: 'fdb.add', fdb: { mac, dev, dst: peer.ip } },
      { op: 'route.add', route: { dst: peer.podCIDR, via: vtep, dev, onlink: true } },
    ]);
  });
  return [...opsBy('flannel', node.name, `Node ${node.name}`, own), ...remote];
}

const hostGwSetup = (ctx: CniContext): readonly NetOp[] =>
  ctx.peers.flatMap((peer) =>
    opsBy('flannel', ctx.node.name, `Node ${peer.name}`, [
      { op: 'route.add', route: { dst: peer.podCIDR, via: peer.ip, dev: ctx.node.device } },
    ]),
  );

function backendSetup(ctx: CniContext, opts: Options): readonly NetOp[] {
  switch (opts.backend) {
    case 'vxlan':
      return vxlanSetup(ctx, opts);
    case 'host-gw':
      return hostGwSetup(ctx);
    default:
      return assertNever(opts.backend);
  }
}

export const flannel: CniDriver<typeof options> = {
  name: 'flannel',
  title: 'Flannel',
  reference: 'https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md',
  options,
  enforcesPolicies: false,
  ipam: hostLocal,
  nodeSetup: (ctx, opts) => [
    ...backendSetup(ctx, opts),
    ...opsBy('flannel', ctx.node.name, null, flannelRules(ctx.clusterCIDR, ctx.node.podCIDR)),
  ],
  addPod: (ctx, pod, opts) =>
    bridgeAdd(ctx, pod, {
      bridge: 'cni0',
      mtu: mtuOf(ctx.node, opts),
      hairpin: true,
      routes: ['default', ctx.clusterCIDR],
    }),
};
