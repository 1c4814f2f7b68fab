// kubenet, the kubelet's own plugin until Kubernetes 1.24 (pkg/kubelet/dockershim/network/kubenet): the bridge plugin with cbr0, and a cloud
// whose route table knows the nodes' pod CIDRs.
import * as v from 'valibot';
import { parsePrefix } from '../../wire/addr/prefix.ts';
import { iptablesBy } from '../iptables/by.ts';
import { opsBy } from '../ops.ts';
import { bridgeAdd } from './bridge-plugin.ts';
import { checkCloudRoutes, cloudRoutes } from './cloud-routes.ts';
import { hostLocal } from './host-local.ts';
import type { CniDriver } from './types.ts';

const options = v.strictObject({
  name: v.literal('kubenet'),
  /** --hairpin-mode. The kubelet's default, promiscuous-bridge, needs ebtables and is not modelled. */
  hairpinMode: v.optional(v.picklist(['hairpin-veth', 'none']), 'hairpin-veth'),
  /** --non-masquerade-cidr */
  nonMasqueradeCIDR: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => !text.includes(':') && parsePrefix(text) !== null, 'expected 10.0.0.0/8'),
    ),
    '10.0.0.0/8',
  ),
  /** Does the cloud still check that packets belong to the node's interface? Its controller turns that off. */
  sourceDestCheck: v.optional(v.boolean(), false),
});

export const kubenet: CniDriver<typeof options> = {
  name: 'kubenet',
  title: 'kubenet',
  reference:
    'https://github.com/kubernetes/kubernetes/blob/v1.23.0/pkg/kubelet/dockershim/network/kubenet/kubenet_linux.go',
  options,
  podRange: 'node',
  notModelled: { hostPorts: 'the kubelet’s own KUBE-HOSTPORTS chains' },
  families: () => ['IPv4'],
  check: checkCloudRoutes,
  ipam: hostLocal,
  nodeSetup: (ctx, { nonMasqueradeCIDR }) =>
    opsBy('kubenet', ctx.node.name, null, [
      { op: 'sysctl', key: 'net.bridge.bridge-nf-call-iptables', value: '1' },
      iptablesBy('kubenet', 'ipv4').append(
        'nat',
        'POSTROUTING',
        '-m comment --comment "kubenet: SNAT for outbound traffic from cluster"',
        '-m addrtype ! --dst-type LOCAL',
        `! -d ${nonMasqueradeCIDR}`,
        '-j MASQUERADE',
      ),
    ]),
  addPod: (ctx, pod, { hairpinMode }) =>
    bridgeAdd(ctx, pod, {
      network: 'kubenet',
      bridge: 'cbr0',
      mtu: ctx.node.mtu,
      hairpin: hairpinMode === 'hairpin-veth',
      ipMasq: false,
      routes: ['default'],
    }),
  cloud: (view, { sourceDestCheck }) => cloudRoutes(view, { sourceDestCheck }),
};
