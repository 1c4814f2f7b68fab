// Settings of the AWS VPC CNI: environment variables of the aws-node DaemonSet, in the words of its documents.
import * as v from 'valibot';
import { parsePrefix } from '../../wire/addr/prefix.ts';

const count = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least));
const cidrs = v.array(
  v.pipe(
    v.string(),
    v.check(
      (text) => text.includes('/') && typeof parsePrefix(text)?.addr === 'number',
      'expected an IPv4 network such as 10.1.0.0/16',
    ),
  ),
);

export const awsVpcOptions = v.strictObject({
  name: v.literal('aws-vpc'),
  /** Of nodes without a label `node.kubernetes.io/instance-type`. */
  instanceType: v.optional(v.string(), 'm5.large'),
  /** AWS_VPC_K8S_CNI_EXTERNALSNAT: pods keep their address on the way out of the VPC; somebody else translates it. */
  externalSNAT: v.optional(v.boolean(), false),
  /** AWS_VPC_K8S_CNI_RANDOMIZESNAT */
  randomizeSNAT: v.optional(v.picklist(['prng', 'hashrandom', 'none']), 'prng'),
  /** AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS */
  excludeSNATCIDRs: v.optional(cidrs, []),
  /** AWS_EXTERNAL_SERVICE_CIDRS: reached by the main table, whatever interface a pod's address is on. */
  externalServiceCIDRs: v.optional(cidrs, []),
  /** AWS_VPC_CNI_NODE_PORT_SUPPORT */
  nodePortSupport: v.optional(v.boolean(), true),
  /** AWS_VPC_K8S_CNI_VETHPREFIX: up to four characters, the rest of a device name is a hash. */
  vethPrefix: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{1,4}$/, 'one to four letters')), 'eni'),
  /** AWS_VPC_ENI_MTU */
  mtu: v.optional(v.pipe(count(576), v.maxValue(9001)), 9001),
  /** ENABLE_PREFIX_DELEGATION: /28 prefixes in the place of single addresses. */
  prefixDelegation: v.optional(v.boolean(), false),
  /** WARM_ENI_TARGET, WARM_PREFIX_TARGET: how much is kept free; WARM_IP_TARGET and MINIMUM_IP_TARGET override both. */
  warmENITarget: v.optional(count(0), 1),
  warmPrefixTarget: v.optional(count(0), 1),
  warmIPTarget: v.optional(count(1)),
  minimumIPTarget: v.optional(count(1)),
  /** Default: what the instance type allows. */
  maxPods: v.optional(count(1)),
  /** ipamd takes any interface that has a free address: which one is not defined. A document may say which it means. */
  preferENI: v.optional(v.picklist(['any', 'primary', 'secondary']), 'any'),
});
export type AwsVpcOptions = v.InferOutput<typeof awsVpcOptions>;
