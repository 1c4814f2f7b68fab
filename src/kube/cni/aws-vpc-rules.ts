// iptables rules of the AWS VPC CNI (pkg/networkutils/network.go, iptables_connmark.go; with iptables, as hosts without nftables have
// it). Two things: what leaves the VPC gets the primary address of the primary interface, and a connection that came or goes by that
// interface is marked 0x80, so that its packets are routed by it whatever interface the pod's address belongs to.
import { iptablesBy } from '../iptables/by.ts';
import type { NetAction } from '../ops.ts';
import type { AwsVpcOptions } from './aws-vpc-options.ts';

export const AWS_COMPONENT = 'aws-node';
/** AWS_VPC_CNI mark of the primary interface, by value and mask. */
export const MARK = '0x80/0x80';
const MASK = '0x80';

const SNAT = 'AWS-SNAT-CHAIN-0';
const CONNMARK = 'AWS-CONNMARK-CHAIN-0';
const RANDOM = { prng: '--random-fully', hashrandom: '--random', none: '' } as const;

export interface RuleInputs {
  readonly vpcCIDRs: readonly string[];
  /** The primary interface, and its primary address. */
  readonly device: string;
  readonly ip: string;
}

export function awsVpcRules(inputs: RuleInputs, options: AwsVpcOptions): readonly NetAction[] {
  const { chain, append, insert } = iptablesBy(AWS_COMPONENT, 'ipv4');
  const said = (text: string): string => `-m comment --comment "${text}"`;
  const veth = `-i ${options.vethPrefix}+`;
  const restore = `-j CONNMARK --restore-mark --mask ${MASK}`;
  const snat = !options.externalSNAT;
  const when = (on: boolean, ...rules: readonly NetAction[]): readonly NetAction[] =>
    on ? rules : [];
  const cidrs = [
    ...inputs.vpcCIDRs.map((cidr) => ({ cidr, excluded: false })),
    ...options.excludeSNATCIDRs.map((cidr) => ({ cidr, excluded: true })),
  ];
  return [
    chain('nat', SNAT),
    ...when(
      snat,
      append('nat', 'POSTROUTING', said('AWS SNAT CHAIN'), `-j ${SNAT}`),
      // Each on top of the one before.
      ...cidrs.map(({ cidr, excluded }) =>
        insert(
          'nat',
          SNAT,
          `-d ${cidr}`,
          said(`AWS SNAT CHAIN${excluded ? ' EXCLUSION' : ''}`),
          '-j RETURN',
        ),
      ),
      append(
        'nat',
        SNAT,
        '! -o vlan+',
        said('AWS, SNAT'),
        '-m addrtype ! --dst-type LOCAL',
        `-j SNAT --to-source ${inputs.ip}`,
        RANDOM[options.randomizeSNAT],
      ),
    ),
    ...when(
      options.nodePortSupport,
      append(
        'mangle',
        'PREROUTING',
        said('AWS, primary ENI'),
        `-i ${inputs.device}`,
        '-m addrtype --dst-type LOCAL --limit-iface-in',
        `-j CONNMARK --set-mark ${MARK}`,
      ),
    ),
    ...when(
      options.nodePortSupport || snat,
      append('mangle', 'PREROUTING', said('AWS, primary ENI'), veth, restore),
    ),
    ...when(
      options.nodePortSupport,
      append('mangle', 'PREROUTING', said('AWS, primary ENI'), '-i vlan+', restore),
    ),
    chain('nat', CONNMARK),
    ...when(
      snat,
      append('nat', 'PREROUTING', veth, said('AWS, outbound connections'), `-j ${CONNMARK}`),
      ...cidrs.map(({ cidr }) =>
        insert('nat', CONNMARK, `-d ${cidr}`, said('AWS CONNMARK CHAIN'), '-j RETURN'),
      ),
      // For the first packet of a connection; those that follow get the mark in the mangle table.
      append('nat', 'PREROUTING', said('AWS, CONNMARK'), restore),
      append('nat', CONNMARK, said('AWS, CONNMARK'), `-j CONNMARK --set-xmark ${MARK}`),
    ),
  ];
}
