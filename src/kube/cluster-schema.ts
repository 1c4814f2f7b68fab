// The cluster settings of a scenario: machines, cables, and the flags of the components. Every part has a default, so that `{}` is a
// working cluster of two nodes.
import * as v from 'valibot';
import { isIpv4, parseAddr } from '../wire/addr/ip.ts';
import { parsePrefix } from '../wire/addr/prefix.ts';
import { cniOptions } from './cni/index.ts';

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'a name has lower case letters, digits and `-`'),
  v.maxLength(63),
);
const ip = v.pipe(
  v.string(),
  v.check((text) => {
    const addr = parseAddr(text);
    return addr !== null && isIpv4(addr);
  }, 'expected an IPv4 address such as 192.168.1.11'),
);
export const cidr = v.pipe(
  v.string(),
  v.check((text) => {
    const prefix = parsePrefix(text);
    return text.includes('/') && prefix !== null && isIpv4(prefix.addr);
  }, 'expected an IPv4 network such as 192.168.1.0/24'),
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
  mtu: v.optional(mtu, 1500),
  /** The router's address in it. With one there is a router, and machines have a default route. */
  gateway: v.optional(ip),
});

const node = v.strictObject({
  name,
  /** Default: the first subnet, and the next address from .11 on. */
  subnet: v.optional(name),
  ip: v.optional(ip),
  podCIDR: v.optional(cidr),
  labels: v.optional(v.record(v.string(), v.string()), {}),
  sysctls: v.optional(sysctls, {}),
});

/** A machine that is not part of the cluster: an operator's laptop, a client. */
const host = v.strictObject({ name, subnet: v.optional(name), ip: v.optional(ip) });

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
  nodePortAddresses: v.optional(v.array(v.string()), []),
  localhostNodePorts: v.optional(v.boolean(), true),
});

export const clusterSchema = v.strictObject({
  nodes: v.optional(v.pipe(v.array(node), v.minLength(1), v.maxLength(16)), [
    { name: 'node-a' },
    { name: 'node-b' },
  ]),
  hosts: v.optional(v.pipe(v.array(host), v.maxLength(16)), []),
  subnets: v.optional(v.pipe(v.array(subnet), v.minLength(1), v.maxLength(8)), [
    { name: 'lan', cidr: '192.168.1.0/24' },
  ]),
  podCIDR: v.optional(cidr, '10.244.0.0/16'),
  serviceCIDR: v.optional(cidr, '10.96.0.0/12'),
  cni: v.optional(cniOptions, { name: 'flannel' }),
  kubeProxy: v.optional(kubeProxy, {}),
  /** Of every node. */
  sysctls: v.optional(sysctls, {}),
});
export type ClusterSpec = v.InferOutput<typeof clusterSchema>;
export type KubeProxySpec = ClusterSpec['kubeProxy'];

export const defaultCluster = (): ClusterSpec => v.parse(clusterSchema, {});
