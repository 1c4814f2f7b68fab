// kindnet, of kind (images/kindnetd): the ptp plugin, plain routes between nodes, and a chain that masquerades what leaves the pod network.
// Its NetworkPolicies are nftables and a queue to user space, which are not modelled.
import * as v from 'valibot';
import { familyOf, iptFamily } from '../families.ts';
import { iptablesBy } from '../iptables/by.ts';
import { opsBy } from '../ops.ts';
import type { NetAction } from '../ops.ts';
import { hostLocal } from './host-local.ts';
import { checkPeers, peerRoutes } from './peer-routes.ts';
import { ptpAdd } from './ptp-plugin.ts';
import type { CniDriver } from './types.ts';

const options = v.strictObject({ name: v.literal('kindnet') });

const NETWORK = 'kindnet';
const CHAIN = 'KIND-MASQ-AGENT';
const comment = (text: string): string => `-m comment --comment "kind-masq-agent: ${text}"`;

/** `podCIDRs`: the cluster's. The chain is written for each family that has one. */
function masqueradeRules(podCIDRs: readonly string[]): readonly NetAction[] {
  return podCIDRs.flatMap((cidr) => {
    const { chain, append } = iptablesBy('kindnetd', iptFamily(familyOf(cidr)));
    return [
      chain('nat', CHAIN),
      append(
        'nat',
        CHAIN,
        `-d ${cidr}`,
        '-j RETURN',
        comment('local traffic is not subject to MASQUERADE'),
      ),
      append(
        'nat',
        CHAIN,
        '-j MASQUERADE',
        comment('outbound traffic is subject to MASQUERADE (must be last in chain)'),
      ),
      append(
        'nat',
        'POSTROUTING',
        '-m addrtype ! --dst-type LOCAL',
        `-j ${CHAIN}`,
        comment(
          `ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom ${CHAIN} chain`,
        ),
      ),
    ];
  });
}

export const kindnet: CniDriver<typeof options> = {
  name: 'kindnet',
  title: 'kindnet',
  reference: 'https://github.com/kubernetes-sigs/kind/tree/main/images/kindnetd',
  options,
  podRange: 'node',
  portmap: () => NETWORK,
  notModelled: { policies: 'nftables and a queue to user space' },
  families: () => ['IPv4', 'IPv6'],
  check: (view) => checkPeers(view, 'kindnet'),
  ipam: hostLocal,
  nodeSetup: (ctx) => [
    ...ctx.peers.flatMap((peer) =>
      opsBy('kindnetd', ctx.node.name, `Node ${peer.name}`, peerRoutes(ctx, peer)),
    ),
    ...opsBy('kindnetd', ctx.node.name, null, masqueradeRules(ctx.podCIDRs)),
  ],
  addPod: (ctx, pod) => ptpAdd(ctx, pod, { network: NETWORK, mtu: ctx.node.mtu, ipMasq: false }),
};
