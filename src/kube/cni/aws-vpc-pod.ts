// What the AWS VPC CNI plugin does for a pod (cmd/routed-eni-cni-plugin/driver): a veth pair and a route to its address, a next hop that
// exists nowhere and whose MAC address is written down, and rules that say by which interface its packets leave.
import { podDigits, randomMac } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import type { AwsVpcPod, AwsVpcShared } from './aws-vpc-ipamd.ts';
import type { AwsVpcOptions } from './aws-vpc-options.ts';
import type { CniContext, PodSandbox } from './types.ts';

const NEXT_HOP = '169.254.1.1';
/** Priorities of policy rules: to a pod, from a pod whose address is of a secondary interface. */
const TO_POD = 512;
const FROM_POD = 1536;

/** The prefix and eleven digits of a hash of `default.web-0`: the same digits as Calico's. */
export const awsVethName = (prefix: string, pod: string): string => `${prefix}${podDigits(pod)}`;

export function awsVpcPod(
  ctx: CniContext<AwsVpcShared>,
  pod: PodSandbox<AwsVpcPod>,
  options: AwsVpcOptions,
): readonly NetOp[] {
  const node = ctx.node.name;
  const veth = awsVethName(options.vethPrefix, pod.pod);
  const hostMac = randomMac(`${ctx.seed} ${node} ${veth}`);
  const object = `Pod ${pod.pod}`;
  const inPod = (...actions: NetAction[]) => opsBy('aws-cni', pod.netns, object, actions);
  const onHost = (...actions: NetAction[]) => opsBy('aws-cni', node, object, actions);
  const both = { type: 'veth', mtu: options.mtu } as const;
  const mac = randomMac(`${ctx.seed} ${pod.netns} eth0`);
  const { table } = pod.data;
  return [
    ...inPod({
      op: 'link.add',
      dev: { ...both, name: 'eth0', mac, peer: { ns: node, dev: veth } },
    }),
    ...onHost({
      op: 'link.add',
      dev: { ...both, name: veth, mac: hostMac, peer: { ns: pod.netns, dev: 'eth0' } },
    }),
    ...inPod(
      { op: 'addr.add', dev: 'eth0', cidr: `${pod.ip}/32` },
      { op: 'route.add', route: { dst: `${NEXT_HOP}/32`, dev: 'eth0', scope: 'link' } },
      { op: 'route.add', route: { dst: 'default', via: NEXT_HOP, dev: 'eth0' } },
      {
        op: 'neigh.add',
        neigh: { ip: NEXT_HOP, dev: 'eth0', mac: hostMac, state: 'permanent' },
      },
    ),
    ...onHost(
      { op: 'route.add', route: { dst: `${pod.ip}/32`, dev: veth, scope: 'link' } },
      { op: 'rule.add', rule: { priority: TO_POD, to: `${pod.ip}/32`, lookup: 'main' } },
      ...(table === null
        ? []
        : [
            {
              op: 'rule.add',
              rule: { priority: FROM_POD, from: `${pod.ip}/32`, lookup: table },
            } as const,
          ]),
    ),
  ];
}
