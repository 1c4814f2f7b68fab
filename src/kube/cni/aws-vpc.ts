// The AWS VPC CNI (amazon-vpc-cni-k8s, v1.23): pods have addresses of the VPC itself, which the node's interfaces hold, so that the VPC
// carries their packets like those of any instance: no tunnel, no routes in its tables. Not modelled: pods with security groups of their
// own (branch interfaces), custom networking, clusters with IPv6.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { lengthOf, nthAddress } from '../cidr.ts';
import { opsBy } from '../ops.ts';
import type { NetAction } from '../ops.ts';
import { instanceTypes, limitsOf } from './aws-vpc-instances.ts';
import { instanceTypeOf, ipamd } from './aws-vpc-ipamd.ts';
import type { AwsVpcPod, AwsVpcShared, NodeEni } from './aws-vpc-ipamd.ts';
import { awsVpcOptions } from './aws-vpc-options.ts';
import type { AwsVpcOptions } from './aws-vpc-options.ts';
import { awsVpcPod } from './aws-vpc-pod.ts';
import { AWS_COMPONENT, awsVpcRules, MARK } from './aws-vpc-rules.ts';
import type { ClusterView, CniContext, CniDriver } from './types.ts';

/** Name of the network in 10-aws.conflist. */
const NETWORK = 'aws-cni';
/** Priorities of policy rules (pkg/networkutils): marked 0x80, to external services, from an interface's own address. */
const MARKED = 1024;
const EXTERNAL_SERVICES = 1535;
const FROM_INTERFACE = 32765;

function primaryActions(
  ctx: CniContext<AwsVpcShared>,
  options: AwsVpcOptions,
): readonly NetAction[] {
  const { node } = ctx;
  const main = (rule: { priority: number; to?: string; fwmark?: string }): NetAction => ({
    op: 'rule.add',
    rule: { ...rule, lookup: 'main' },
  });
  return [
    // Loose: what comes in by it may go to a pod whose answers would leave by another interface.
    { op: 'sysctl', key: `net.ipv4.conf.${node.device}.rp_filter`, value: '2' },
    { op: 'sysctl', key: 'net.ipv4.tcp_early_demux', value: '1' },
    { op: 'link.mtu', dev: node.device, mtu: options.mtu },
    ...(options.nodePortSupport || !options.externalSNAT
      ? [main({ priority: MARKED, fwmark: MARK })]
      : []),
    ...options.externalServiceCIDRs.map((to) => main({ priority: EXTERNAL_SERVICES, to })),
    ...awsVpcRules({ vpcCIDRs: ctx.vpcCIDRs, device: node.device, ip: node.ip }, options),
  ];
}

/** A table of its own for what has an address of this interface; the main table knows nothing of it. */
function secondaryActions(eni: NodeEni, cidr: string): readonly NetAction[] {
  const { device, primary } = eni;
  const router = nthAddress(cidr, 1) ?? '';
  const table = eni.table ?? 'main';
  return [
    { op: 'addr.add', dev: device, cidr: `${primary}/${lengthOf(cidr)}` },
    { op: 'route.add', route: { dst: `${router}/32`, dev: device, scope: 'link', table } },
    { op: 'route.add', route: { dst: 'default', via: router, dev: device, table } },
    { op: 'route.del', route: { dst: cidr, dev: device } },
    {
      op: 'rule.add',
      rule: { priority: FROM_INTERFACE, from: `${primary}/32`, lookup: table },
    },
  ];
}

const enisOf = (ctx: CniContext<AwsVpcShared>): readonly NodeEni[] =>
  ctx.shared.get(ctx.node.name) ?? [];

function check(cluster: ClusterView, options: AwsVpcOptions): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const complain = (reason: string, fix: string): void => {
    found.push({ severity: 'error', place: at('cluster'), reason, fix });
  };
  if (cluster.vpcCIDRs.length === 0)
    complain(
      'the AWS VPC CNI needs a VPC: pods get addresses of its interfaces',
      'set `cloud: {name: aws}`',
    );
  for (const node of cluster.nodes) {
    const type = instanceTypeOf(node, options);
    const limits = limitsOf(type);
    if (limits === null)
      complain(
        `${node.name}: the limits of instance type ${type} are not known`,
        `use one of ${instanceTypes.join(', ')}`,
      );
    else if (options.prefixDelegation && !limits.nitro)
      complain(
        `${node.name}: ${type} has no prefix delegation`,
        'use an instance type of the Nitro system, such as m5.large',
      );
  }
  return found;
}

export const awsVpc: CniDriver<typeof awsVpcOptions, AwsVpcShared, AwsVpcPod> = {
  name: 'aws-vpc',
  title: 'The AWS VPC CNI',
  reference: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/cni-proposal.md',
  options: awsVpcOptions,
  podRange: 'subnet',
  portmap: () => NETWORK,
  families: () => ['IPv4'],
  check,
  ipam: ipamd,
  joinNode: (ctx, options) =>
    enisOf(ctx)
      .filter((eni) => eni.table !== null)
      .map(({ device }) => ({ name: device, subnet: ctx.node.subnet.name, mtu: options.mtu })),
  nodeSetup: (ctx, options) => [
    ...opsBy(AWS_COMPONENT, ctx.node.name, null, primaryActions(ctx, options)),
    ...enisOf(ctx)
      .filter((eni) => eni.table !== null)
      .flatMap((eni) =>
        opsBy(
          AWS_COMPONENT,
          ctx.node.name,
          `Node ${ctx.node.name}`,
          secondaryActions(eni, ctx.node.subnet.cidrs[0] ?? ''),
        ),
      ),
  ],
  addPod: awsVpcPod,
  cloud: ({ shared }) => ({
    routes: [],
    interfaces: [...shared].flatMap(([node, enis]) =>
      enis.map(({ device, primary, table, ranges }) => ({
        node,
        device,
        addresses: table === null ? ranges : [primary, ...ranges],
        sourceDestCheck: true,
      })),
    ),
  }),
};
