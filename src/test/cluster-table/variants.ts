// The table that every network plugin is held against: who hears whom, and by which address. A driver that is added to the registry is
// covered with its defaults and must do what most do, unless its differences are written down here with the reason.
import { drivers } from '../../kube/cni/index.ts';
import type { CniOptions } from '../../kube/cni/index.ts';
import type { IpFamily } from '../../kube/families.ts';

/** `answered client`: it is answered, and the server sees the client. `heard client`: the request arrives, no answer comes back.
 *  `lost, REASON at NODE`: nobody hears it, and there the kernel frees it, for that reason. A node is seen by its own address (`node-a`),
 *  or by that of a device. `{own}` and `{other}` stand for the address with which a node turns to its own pods, and to those of other
 *  nodes. */
export type Outcome = string;

export const across = 'pod to pod across the router';
export const remote = 'pod to Service, endpoint on another node';
export const itself = 'pod to Service, itself the endpoint';
export const internet = 'pod to internet';
export const USUAL = {
  'pod to pod on one node': 'answered client',
  'pod to pod on another node': 'answered client',
  [across]: 'answered client',
  'pod to Service, endpoint on its node': 'answered client',
  [remote]: 'answered client',
  [itself]: 'answered node-a{own}',
  'pod to node port of its node': 'answered node-a{other}',
  'pod to node port of another node': 'answered node-b{own}',
  'node to pod on it': 'answered node-a{own}',
  'node to pod on another node': 'answered node-a{other}',
  'outside to node port, Cluster, at the node of the endpoint': 'answered node-b{own}',
  'outside to node port, Cluster, at another node': 'answered node-a{other}',
  'outside to node port, Local, at the node of the endpoint': 'answered outside',
  'outside to node port, Local, at another node': 'lost, NETFILTER_DROP at node-a',
  [internet]: 'answered node-a',
} as const satisfies Record<string, Outcome>;
export type Row = keyof typeof USUAL;
type Differences = Partial<Record<Row, Outcome>>;

type Device = string | Partial<Record<IpFamily, string>>;
export interface Variant {
  readonly options: Readonly<Record<string, unknown>> & { readonly name: CniOptions['name'] };
  /** The device whose address a node has towards its own pods, where it is not its first interface. */
  readonly own?: Device;
  /** The same, towards pods of other nodes. */
  readonly other?: Device;
  /** Where it runs, if not on switches. */
  readonly ground?: object;
  readonly differs?: Differences;
  readonly differsInIPv6?: Differences;
}

/** A route whose next hop would be behind the router is refused: the packet goes to the router, which knows no pods. */
const oneSubnet = { [across]: 'lost, IP_INNOROUTES at router' } as const;
/** A bridge does not send a frame back where it came from. */
const noHairpin = { [itself]: 'lost, NOT_SPECIFIED at node-a' } as const;
/** Nothing masquerades pods: the internet hears them and does not know the way back. */
const noMasquerade = { [internet]: 'heard client' } as const;

/** Addresses of nodes on the internet, where they stand in a cloud. */
export const PUBLIC: Readonly<Record<string, string>> = {
  'node-a': '198.51.100.11',
  'node-b': '198.51.100.12',
};

const VARIANTS: Partial<Record<CniOptions['name'], readonly Variant[]>> = {
  'aws-vpc': [
    {
      options: { name: 'aws-vpc' },
      ground: {
        cloud: { name: 'aws', vpcCIDR: '192.168.0.0/16' },
        nodes: [
          { name: 'node-a', externalIP: PUBLIC['node-a'] },
          { name: 'node-b', externalIP: PUBLIC['node-b'] },
          { name: 'node-c', subnet: 'far' },
        ],
      },
      // The internet gateway has another address for it.
      differs: { [internet]: `answered ${PUBLIC['node-a']}` },
    },
  ],
  bridge: [
    {
      options: { name: 'bridge', hairpinMode: true },
      own: 'cni0',
      differs: { ...oneSubnet, ...noMasquerade },
    },
    {
      options: { name: 'bridge', hairpinMode: false },
      own: 'cni0',
      differs: { ...oneSubnet, ...noMasquerade, ...noHairpin },
    },
    {
      // All that leaves the node's own range has the node's address, pods of other nodes see that, too.
      options: { name: 'bridge', hairpinMode: true, ipMasq: true },
      own: 'cni0',
      differs: {
        ...oneSubnet,
        'pod to pod on another node': 'answered node-a',
        [remote]: 'answered node-a',
      },
    },
    {
      // The router that knows the pods is the one before the internet, so an answer finds its way back to a pod's address.
      options: { name: 'bridge', hairpinMode: true, routes: 'cloud' },
      own: 'cni0',
      differs: { [internet]: 'answered client' },
    },
  ],
  // Its IPv6 pool has no natOutgoing by default, and IP in IP carries IPv4 alone.
  calico: [
    {
      options: { name: 'calico', encapsulation: 'IPIP' },
      other: { IPv4: 'tunl0' },
      differsInIPv6: { ...oneSubnet, ...noMasquerade },
    },
    {
      options: { name: 'calico', encapsulation: 'IPIPCrossSubnet' },
      differsInIPv6: { ...oneSubnet, ...noMasquerade },
    },
    {
      // With IPv6 the source that has most in common with a pod's address is the tunnel's, whatever the way is (RFC 6724).
      options: { name: 'calico', encapsulation: 'VXLAN' },
      own: { IPv6: 'vxlan-v6.calico' },
      other: { IPv4: 'vxlan.calico', IPv6: 'vxlan-v6.calico' },
      differsInIPv6: noMasquerade,
    },
    {
      options: { name: 'calico', encapsulation: 'VXLANCrossSubnet', natOutgoing: true },
      own: { IPv6: 'vxlan-v6.calico' },
    },
    {
      options: { name: 'calico', encapsulation: 'None' },
      differs: oneSubnet,
      differsInIPv6: noMasquerade,
    },
    {
      // The router has learned where pods are: answers from the internet find them, too.
      options: { name: 'calico', encapsulation: 'None', peerRouter: true },
      differsInIPv6: { [internet]: 'answered client' },
    },
  ],
  flannel: [
    {
      options: { name: 'flannel' },
      own: 'cni0',
      other: { IPv4: 'flannel.1', IPv6: 'flannel-v6.1' },
    },
    { options: { name: 'flannel', directRouting: true }, own: 'cni0' },
    { options: { name: 'flannel', backend: 'host-gw' }, own: 'cni0', differs: oneSubnet },
  ],
  kindnet: [{ options: { name: 'kindnet' }, own: 'veth', differs: oneSubnet }],
  kubenet: [
    { options: { name: 'kubenet' }, own: 'cbr0' },
    {
      options: { name: 'kubenet', hairpinMode: 'none' },
      own: 'cbr0',
      differs: noHairpin,
    },
  ],
  ptp: [
    { options: { name: 'ptp' }, own: 'veth', differs: { ...oneSubnet, ...noMasquerade } },
    {
      options: { name: 'ptp', ipMasq: true, routes: 'cloud' },
      own: 'veth',
      differs: {
        [across]: 'answered node-a',
        'pod to pod on another node': 'answered node-a',
        [remote]: 'answered node-a',
      },
    },
  ],
};

/** What this plugin has to show in this family. */
export function expected(variant: Variant, family: IpFamily): Record<string, Outcome> {
  const { own, other, differs, differsInIPv6 } = variant;
  const named = (device: Device | undefined): string => {
    const name = typeof device === 'string' ? device : device?.[family];
    return name === undefined ? '' : ` ${name}`;
  };
  const all = { ...USUAL, ...differs, ...(family === 'IPv6' ? differsInIPv6 : {}) };
  return Object.fromEntries(
    Object.entries(all).map(([id, text]) => [
      id,
      text.replace('{own}', named(own)).replace('{other}', named(other)),
    ]),
  );
}

const namesOfRegistry = Object.keys(drivers) as readonly CniOptions['name'][];
export const variants = namesOfRegistry.flatMap(
  (name): readonly Variant[] => VARIANTS[name] ?? [{ options: { name } }],
);
