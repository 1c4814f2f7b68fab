// The cluster settings of a scenario: machines, cables, and the flags of the components. Every part has a default, so that `{}` is a
// working cluster of two nodes.
import * as v from 'valibot';
import { parseAddr } from '../wire/addr/ip.ts';
import { parsePrefix } from '../wire/addr/prefix.ts';
import { cloudNetwork, cloudOptions, cloudSubnet } from './cloud/index.ts';
import { cniOptions } from './cni/index.ts';
import { ownRange } from './cloud/subnets.ts';
import { familiesOf } from './families.ts';
import type { IpFamily } from './families.ts';

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'a name has lower case letters, digits and `-`'),
  v.maxLength(63),
);
/** One value, or one of each family with the primary one first: `10.244.0.0/16,fd00:10:244::/56` as the flags have it, or a list. */
const ofFamilies = (isOne: (text: string) => boolean, example: string) =>
  v.pipe(
    v.union([v.string(), v.array(v.string())], `expected ${example}`),
    v.transform((value): readonly string[] =>
      (typeof value === 'string' ? value.split(',') : value).map((text) => text.trim()),
    ),
    v.check(
      (list) => list.length > 0 && list.every(isOne),
      `expected ${example}, or one of each family`,
    ),
    v.check((list) => familiesOf(list).length === list.length, 'two values of one family'),
  );
const ip = ofFamilies((text) => parseAddr(text) !== null, 'an address such as 192.168.1.11');
const cidr = ofFamilies(
  (text) => text.includes('/') && parsePrefix(text) !== null,
  'a network such as 192.168.1.0/24',
);
/** dev_valid_name of the kernel. */
const device = v.pipe(v.string(), v.regex(/^[^\s/:]{1,15}$/, 'expected a device name'));
const mtu = v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(9216));
const sysctls = v.record(
  v.pipe(v.string(), v.regex(/^[a-z0-9_.\-/]+$/i, 'expected a name such as net.ipv4.ip_forward')),
  v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((value) => String(value)),
    v.regex(/^[\w\s.,-]*$/, 'expected a number or a word'),
  ),
);

const subnet = v.strictObject({
  name,
  cidr,
  /** Default: 1500, or what the cloud has. */
  mtu: v.optional(mtu),
  /** The router's address in it. With one there is a router, and machines have a default route. */
  gateway: v.optional(ip),
});

const node = v.strictObject({
  name,
  /** Default: the first subnet, and the next address from .11 on. */
  subnet: v.optional(name),
  ip: v.optional(ip),
  /** An address that the cloud maps to it, and reports. */
  externalIP: v.optional(ip),
  podCIDR: v.optional(cidr),
  labels: v.optional(v.record(v.string(), v.string()), {}),
  sysctls: v.optional(sysctls, {}),
});

/** A machine that is not part of the cluster: an operator's laptop, a client, a server on the internet. */
const host = v.strictObject({
  name,
  subnet: v.optional(name),
  ip: v.optional(ip),
  kind: v.optional(v.picklist(['host', 'internet']), 'host'),
  /** TCP ports on which it answers. */
  ports: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535))),
      v.maxLength(16),
    ),
    [],
  ),
});

/** `primary`: the node's own addresses, whatever else its interfaces have. */
export const nodePortRange = v.pipe(
  v.string(),
  v.check(
    (text) => text === 'primary' || (text.includes('/') && parsePrefix(text) !== null),
    'expected a network such as 192.168.1.0/24, or `primary`',
  ),
);

const kubeProxy = v.strictObject({
  mode: v.optional(v.picklist(['iptables', 'none']), 'iptables'),
  detectLocalMode: v.optional(
    v.picklist(['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix', 'None']),
    'ClusterCIDR',
  ),
  /** Default: the pod CIDR of the cluster. */
  clusterCIDR: v.optional(cidr),
  bridgeInterface: v.optional(device, 'cni0'),
  interfaceNamePrefix: v.optional(device, 'veth'),
  masqueradeAll: v.optional(v.boolean(), false),
  masqueradeBit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31)), 14),
  nodePortAddresses: v.optional(v.array(nodePortRange), []),
  localhostNodePorts: v.optional(v.boolean(), true),
});

/** Ranges that nobody gave, for the families of pods. */
const DEFAULTS: Readonly<Record<IpFamily, { readonly lan: string; readonly services: string }>> = {
  IPv4: { lan: '192.168.1.0/24', services: '10.96.0.0/12' },
  IPv6: { lan: 'fd00:192:168:1::/64', services: 'fd00:10:96::/112' },
};

export const clusterSchema = v.pipe(
  v.strictObject({
    nodes: v.optional(v.pipe(v.array(node), v.minLength(1), v.maxLength(16)), [
      { name: 'node-a' },
      { name: 'node-b' },
    ]),
    hosts: v.optional(v.pipe(v.array(host), v.maxLength(16)), []),
    subnets: v.optional(v.pipe(v.array(subnet), v.minLength(1), v.maxLength(8))),
    podCIDR: v.optional(cidr, '10.244.0.0/16'),
    serviceCIDR: v.optional(cidr),
    /** Whose network the machines stand in. Default: switches, and a router between them. */
    cloud: v.optional(cloudOptions),
    cni: v.optional(cniOptions, { name: 'flannel' }),
    kubeProxy: v.optional(kubeProxy, {}),
    /** Of every node. */
    sysctls: v.optional(sysctls, {}),
  }),
  v.transform((spec) => {
    const defaults = familiesOf(spec.podCIDR).map((family) => DEFAULTS[family]);
    const lan = { name: 'lan', cidr: defaults.map((one) => one.lan) };
    const first = spec.cloud === undefined ? null : cloudSubnet(spec.cloud);
    const given: readonly v.InferOutput<typeof subnet>[] = spec.subnets ?? [
      first === null ? lan : { name: first.name, cidr: [first.cidr] },
    ];
    const cloud = spec.cloud === undefined ? null : cloudNetwork(spec.cloud);
    const mtuOf = (ranges: readonly string[]): number =>
      cloud !== null && ownRange(cloud, ranges) !== null ? cloud.mtu : 1500;
    return {
      ...spec,
      subnets: given.map((one) => ({ ...one, mtu: one.mtu ?? mtuOf(one.cidr) })),
      serviceCIDR: spec.serviceCIDR ?? defaults.map((one) => one.services),
    };
  }),
);
export type ClusterSpec = v.InferOutput<typeof clusterSchema>;
export type KubeProxySpec = ClusterSpec['kubeProxy'];

export const defaultCluster = (): ClusterSpec => v.parse(clusterSchema, {});
