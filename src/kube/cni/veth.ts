// What the reference plugins share (pkg/ip/link_linux.go): a veth pair whose host end is called `veth` and eight hexadecimal digits.
import { hexId, randomMac } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetOp } from '../ops.ts';
import type { CniContext, PodSandbox } from './types.ts';

export interface VethPair {
  /** The host's end. */
  readonly veth: string;
  readonly hostMac: string;
  readonly podOps: readonly NetOp[];
  readonly hostOps: readonly NetOp[];
}

export function vethPair(
  component: string,
  ctx: CniContext,
  pod: PodSandbox,
  mtu: number,
): VethPair {
  const node = ctx.node.name;
  const veth = `veth${hexId(`veth ${ctx.seed} ${pod.pod}`, 8)}`;
  const hostMac = randomMac(`${ctx.seed} ${node} ${veth}`);
  const mac = randomMac(`${ctx.seed} ${pod.netns} eth0`);
  const object = `Pod ${pod.pod}`;
  return {
    veth,
    hostMac,
    podOps: opsBy(component, pod.netns, object, [
      {
        op: 'link.add',
        dev: { name: 'eth0', type: 'veth', mac, mtu, peer: { ns: node, dev: veth } },
      },
    ]),
    hostOps: opsBy(component, node, object, [
      {
        op: 'link.add',
        dev: { name: veth, type: 'veth', mac: hostMac, mtu, peer: { ns: pod.netns, dev: 'eth0' } },
      },
    ]),
  };
}
