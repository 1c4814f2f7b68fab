// ipMasq of the reference plugins (pkg/ip/ipmasq_iptables_linux.go): a chain for each pod that masquerades whatever leaves the pod's own
// subnet. The subnet is the node's, so pods of other nodes see the node's address, too.
import { lengthOf, normalCidr } from '../cidr.ts';
import { familyOf, iptFamily, ofFamily } from '../families.ts';
import { iptablesBy } from '../iptables/by.ts';
import { opsBy } from '../ops.ts';
import type { NetOp } from '../ops.ts';
import { cniChain, cniComment } from './chain-names.ts';
import type { CniContext, PodSandbox } from './types.ts';

const MULTICAST = { IPv4: '224.0.0.0/4', IPv6: 'ff00::/8' } as const;

export function ipMasqOps(
  component: string,
  ctx: CniContext,
  pod: PodSandbox,
  network: string,
): readonly NetOp[] {
  const name = cniChain('CNI-', network, pod.containerID);
  const comment = `-m comment --comment "${cniComment(network, pod.containerID)}"`;
  return pod.ips.flatMap((ip) => {
    const family = familyOf(ip);
    const { chain, append } = iptablesBy(component, iptFamily(family), `Pod ${pod.pod}`);
    const subnet = normalCidr(`${ip}/${lengthOf(ofFamily(ctx.node.podCIDRs, family) ?? '')}`);
    return opsBy(component, ctx.node.name, `Pod ${pod.pod}`, [
      chain('nat', name),
      append('nat', name, `-d ${subnet}`, '-j ACCEPT', comment),
      append('nat', name, `! -d ${MULTICAST[family]}`, '-j MASQUERADE', comment),
      append('nat', 'POSTROUTING', `-s ${ip}`, `-j ${name}`, comment),
    ]);
  });
}
