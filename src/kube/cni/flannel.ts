// Flannel (v0.28, flannel-io/flannel Documentation/kube-flannel.yml): flanneld makes routes to the other nodes, the flannel CNI plugin
// delegates pods to the bridge plugin. Backends: vxlan (tunnel between nodes) and host-gw (nodes are each other's gateways).
import * as v from 'valibot';
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { assertNever } from '../../base/assert.ts';
import { hostCidr, nthAddress } from '../cidr.ts';
import { ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { randomMac } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { bridgeAdd } from './bridge-plugin.ts';
import { flannelRules } from './flannel-rules.ts';
import { hostLocal } from './host-local.ts';
import { checkPeers, endsOf, peerRoutes } from './peer-routes.ts';
import type { ClusterView, CniContext, CniDriver, NodeInfo } from './types.ts';

const options = v.strictObject({
  name: v.literal('flannel'),
  backend: v.optional(v.picklist(['vxlan', 'host-gw']), 'vxlan'),
  vni: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffffff)), 1),
  /** The kernel's own default, not the 4789 of RFC 7348. */
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)), 8472),
  /** Plain routes between nodes of one subnet, the tunnel only across routers. */
  directRouting: v.optional(v.boolean(), false),
});
type Options = v.InferOutput<typeof options>;

/** `name` in the conflist of its manifest. */
const NETWORK = 'cbr0';
/** Outer Ethernet, IPv4, UDP and VXLAN headers. */
const VXLAN_OVERHEAD = 50;
/** With an IPv6 header. flanneld reckons with 50 in both families; the kernel gives the device no more than fits. */
const VXLAN6_OVERHEAD = 70;

const mtuOf = (node: NodeInfo, { backend }: Options): number =>
  backend === 'vxlan' ? node.mtu - VXLAN_OVERHEAD : node.mtu;

/** A node announces it in an annotation, so that the others can write it into their tables. */
const vtepMac = (seed: number, node: string, family: IpFamily): string =>
  randomMac(family === 'IPv4' ? `${seed} ${node} vtep` : `${seed} ${node} vtep ${family}`);

/** One device for each family of pods. */
const deviceName = (vni: number, family: IpFamily): string =>
  family === 'IPv4' ? `flannel.${vni}` : `flannel-v6.${vni}`;

const MAX_DEVICE_NAME = 15;
const checkNames = ({ families }: ClusterView, vni: number): readonly Diagnostic[] =>
  families
    .map((family) => deviceName(vni, family))
    .filter((name) => name.length > MAX_DEVICE_NAME)
    .map((name) => ({
      severity: 'error',
      place: at('cluster'),
      reason: `flanneld cannot make ${name}: a device name has at most ${MAX_DEVICE_NAME} characters`,
      fix: 'use a smaller `vni`',
    }));

const ownDevice = (ctx: CniContext, opts: Options, family: IpFamily): readonly NetAction[] => {
  const { node, seed } = ctx;
  const dev = deviceName(opts.vni, family);
  const local = ofFamily(node.ips, family) ?? '';
  return [
    {
      op: 'link.add',
      dev: {
        name: dev,
        type: 'vxlan',
        mac: vtepMac(seed, node.name, family),
        mtu: family === 'IPv4' ? mtuOf(node, opts) : node.mtu - VXLAN6_OVERHEAD,
        vxlan: { vni: opts.vni, dstport: opts.port, local, dev: node.device, learning: false },
      },
    },
    // The network address of the node's own range: a source address for the node that no pod can have.
    {
      op: 'addr.add',
      dev,
      cidr: hostCidr(nthAddress(ofFamily(node.podCIDRs, family) ?? '', 0) ?? ''),
    },
  ];
};

function vxlanSetup(ctx: CniContext, opts: Options): readonly NetOp[] {
  const { node, seed } = ctx;
  const own = ctx.families.flatMap((family) => ownDevice(ctx, opts, family));
  const remote = ctx.peers.flatMap((peer) =>
    endsOf(ctx, peer).flatMap(({ family, remote: ip, range: lease, onLink }): readonly NetOp[] => {
      if (opts.directRouting && onLink)
        return opsBy('flannel', node.name, `Node ${peer.name}`, [
          { op: 'route.add', route: { dst: lease, via: ip } },
        ]);
      const dev = deviceName(opts.vni, family);
      const vtep = nthAddress(lease, 0) ?? '';
      const mac = vtepMac(seed, peer.name, family);
      return opsBy('flannel', node.name, `Node ${peer.name}`, [
        { op: 'neigh.add', neigh: { ip: vtep, dev, mac, state: 'permanent' } },
        { op: 'fdb.add', fdb: { mac, dev, dst: ip } },
        { op: 'route.add', route: { dst: lease, via: vtep, dev, onlink: true } },
      ]);
    }),
  );
  return [...opsBy('flannel', node.name, `Node ${node.name}`, own), ...remote];
}

const hostGwSetup = (ctx: CniContext): readonly NetOp[] =>
  ctx.peers.flatMap((peer) =>
    opsBy('flannel', ctx.node.name, `Node ${peer.name}`, peerRoutes(ctx, peer, ctx.node.device)),
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
  podRange: 'node',
  portmap: () => NETWORK,
  families: () => ['IPv4', 'IPv6'],
  check: (view, { backend, vni }) =>
    backend === 'host-gw' ? checkPeers(view, 'Flannel') : checkNames(view, vni),
  ipam: hostLocal,
  nodeSetup: (ctx, opts) => [
    ...backendSetup(ctx, opts),
    ...ctx.families.flatMap((family) =>
      opsBy(
        'flannel',
        ctx.node.name,
        null,
        flannelRules(
          ofFamily(ctx.podCIDRs, family) ?? '',
          ofFamily(ctx.node.podCIDRs, family) ?? '',
        ),
      ),
    ),
  ],
  addPod: (ctx, pod, opts) =>
    bridgeAdd(ctx, pod, {
      network: NETWORK,
      bridge: 'cni0',
      mtu: mtuOf(ctx.node, opts),
      hairpin: true,
      // flanneld masquerades for all pods, so that traffic between nodes keeps its source.
      ipMasq: false,
      routes: ['default', ...ctx.podCIDRs],
    }),
};
