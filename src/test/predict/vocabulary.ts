// Every key that a network and its steps may have, in one place. The compiler holds the lists to the types of src/network; the test
// holds the recordings to the lists. A key that is in neither would be an input that the engine silently ignores.
import type {
  ApplianceSpec,
  EniSpec,
  InternetGatewaySpec,
  NatGatewaySpec,
  SecurityGroupSpec,
  SecurityRuleSpec,
  VpcRouterSpec,
  VpcRouteSpec,
  VpcSubnetSpec,
} from '../../network/appliances.ts';
import type {
  AddressSpec,
  DeviceSpec,
  ExecSpec,
  FdbSpec,
  FlowSpec,
  InjectSpec,
  IpsetSpec,
  LinuxNetwork,
  ListenerSpec,
  NamespaceSpec,
  NeighSpec,
  Origin,
  PolicyRuleSpec,
  RouteSpec,
  SleepSpec,
} from '../../network/types.ts';

/** What stands under a key: a value, an object of its own kind, a list of such, or text by free names. */
type Shape = 'value' | 'names' | Kind | readonly [Kind];
type Keys<T> = Readonly<Record<keyof T, Shape>>;
type Under<T, K extends keyof T> = NonNullable<T[K]>;

/** Keys of every member of a union. */
type AnyKeys<T> = Readonly<Record<T extends unknown ? keyof T : never, Shape>>;

const network: Keys<LinuxNetwork> = {
  namespaces: ['namespace'],
  appliances: ['appliance'],
  notes: 'value',
};
const appliance: AnyKeys<ApplianceSpec> = {
  kind: 'value',
  name: 'value',
  label: 'value',
  origin: 'origin',
  cidrs: 'value',
  subnets: ['vpcSubnet'],
  routeTables: ['vpcTable'],
  enis: ['port'],
  securityGroups: ['securityGroup'],
  gateways: ['port'],
  inside: 'port',
  outside: 'port',
  addresses: ['addressPair'],
  port: 'port',
  address: 'value',
};
const port: AnyKeys<EniSpec | InternetGatewaySpec['outside'] | NatGatewaySpec['port']> = {
  name: 'value',
  peer: 'end',
  mtu: 'value',
  mac: 'value',
  subnet: 'value',
  addresses: 'value',
  sourceDestCheck: 'value',
  securityGroups: 'value',
  address: 'value',
};
const securityGroup: Keys<SecurityGroupSpec> = {
  name: 'value',
  ingress: ['securityRule'],
  egress: ['securityRule'],
};
const securityRule: Keys<SecurityRuleSpec> = { protocol: 'value', ports: 'value', peer: 'value' };
const vpcSubnet: Keys<VpcSubnetSpec> = {
  name: 'value',
  cidr: 'value',
  routeTable: 'value',
  mac: 'value',
};
const vpcTable: Keys<VpcRouterSpec['routeTables'][number]> = {
  name: 'value',
  routes: ['vpcRoute'],
};
const vpcRoute: Keys<VpcRouteSpec> = { dst: 'value', target: 'value' };
const addressPair: Keys<InternetGatewaySpec['addresses'][number]> = {
  private: 'value',
  public: 'value',
};
const namespace: Keys<NamespaceSpec> = {
  name: 'value',
  kind: 'value',
  label: 'value',
  host: 'value',
  sysctls: 'names',
  devices: ['device'],
  routes: ['route'],
  rules: ['rule'],
  neigh: ['neigh'],
  fdb: ['fdb'],
  ipsets: ['ipset'],
  iptables: 'iptables',
  ruleOrigins: 'names',
  listeners: ['listener'],
  origin: 'origin',
};
const device: Keys<DeviceSpec> = {
  name: 'value',
  type: 'value',
  mac: 'value',
  mtu: 'value',
  up: 'value',
  addresses: ['address'],
  peer: 'end',
  bridge: 'bridge',
  vxlan: 'vxlan',
  ipip: 'ipip',
  lower: 'end',
  mode: 'value',
  master: 'value',
  bridge_port: 'bridge_port',
  origin: 'origin',
};
const end: Keys<Under<DeviceSpec, 'peer'>> = { ns: 'value', dev: 'value' };
const bridge: Keys<Under<DeviceSpec, 'bridge'>> = { stp: 'value' };
const vxlan: Keys<Under<DeviceSpec, 'vxlan'>> = {
  vni: 'value',
  dstport: 'value',
  local: 'value',
  dev: 'value',
  learning: 'value',
  df: 'value',
};
const ipip: Keys<Under<DeviceSpec, 'ipip'>> = { local: 'value', remote: 'value', dev: 'value' };
const bridge_port: Keys<Under<DeviceSpec, 'bridge_port'>> = {
  hairpin: 'value',
  isolated: 'value',
  learning: 'value',
  flood: 'value',
};
const address: Keys<AddressSpec> = {
  cidr: 'value',
  scope: 'value',
  noprefixroute: 'value',
  origin: 'origin',
};
const origin: Keys<Origin> = { component: 'value', object: 'value', command: 'value' };
const route: Keys<RouteSpec> = {
  dst: 'value',
  via: 'value',
  dev: 'value',
  src: 'value',
  scope: 'value',
  table: 'value',
  metric: 'value',
  mtu: 'value',
  onlink: 'value',
  type: 'value',
  proto: 'value',
  origin: 'origin',
};
const rule: Keys<PolicyRuleSpec> = {
  priority: 'value',
  from: 'value',
  to: 'value',
  fwmark: 'value',
  iif: 'value',
  oif: 'value',
  not: 'value',
  lookup: 'value',
  origin: 'origin',
};
const neigh: Keys<NeighSpec> = {
  ip: 'value',
  dev: 'value',
  mac: 'value',
  state: 'value',
  proxy: 'value',
  origin: 'origin',
};
const fdb: Keys<FdbSpec> = {
  mac: 'value',
  dev: 'value',
  dst: 'value',
  flags: 'value',
  origin: 'origin',
};
const ipset: Keys<IpsetSpec> = {
  name: 'value',
  type: 'value',
  family: 'value',
  entries: 'value',
  origin: 'origin',
};
const iptables: Keys<Under<NamespaceSpec, 'iptables'>> = { ipv4: 'value', ipv6: 'value' };
const listener: Keys<ListenerSpec> = {
  proto: 'value',
  addr: 'value',
  port: 'value',
  name: 'value',
  response_bytes: 'value',
  response: 'value',
  process: 'value',
  origin: 'origin',
};
const flow: Keys<FlowSpec> = {
  do: 'value',
  id: 'value',
  proto: 'value',
  ns: 'value',
  src: 'value',
  sport: 'value',
  dst: 'value',
  dport: 'value',
  request_bytes: 'value',
  expect_bytes: 'value',
  timeout_ms: 'value',
  settle_ms: 'value',
  ttl: 'value',
  pmtudisc: 'value',
  count: 'value',
  connect: 'value',
  icmp_id: 'value',
  flags: 'value',
  seq: 'value',
  ack: 'value',
  payload: 'value',
  inject: ['inject'],
  parallel: ['flow'],
  stagger_ms: 'value',
  setup: 'value',
  request: 'value',
  process: 'value',
  command: 'value',
};
const inject: Keys<InjectSpec> = {
  ns: 'value',
  dev: 'value',
  flags: 'value',
  seq_delta: 'value',
  ack_delta: 'value',
  payload: 'value',
};
const exec: Keys<ExecSpec> = { do: 'value', ns: 'value', cmd: 'value' };
const sleep: Keys<SleepSpec> = { do: 'value', ms: 'value' };

// prettier-ignore
const kinds = {
  network, namespace, device, end, bridge, vxlan, ipip, bridge_port, address, origin, route, rule, neigh, fdb, ipset, iptables,
  listener, flow, inject, exec, sleep, appliance, port, vpcSubnet, vpcTable, vpcRoute, addressPair,
  securityGroup, securityRule,
};
type Kind =
  | 'network'
  | 'appliance'
  | 'port'
  | 'vpcSubnet'
  | 'vpcTable'
  | 'vpcRoute'
  | 'addressPair'
  | 'securityGroup'
  | 'securityRule'
  | 'namespace'
  | 'device'
  | 'end'
  | 'bridge'
  | 'vxlan'
  | 'ipip'
  | 'bridge_port'
  | 'address'
  | 'origin'
  | 'route'
  | 'rule'
  | 'neigh'
  | 'fdb'
  | 'ipset'
  | 'iptables'
  | 'listener'
  | 'flow'
  | 'inject'
  | 'exec'
  | 'sleep';

/** Places of keys that are in no list, e.g. `namespaces[2].devices[1].colour`. */
export function unknownKeys(value: unknown, kind: Kind, place: string = kind): readonly string[] {
  // An address may be just its text.
  if (typeof value === 'string' && kind === 'address') return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${place}: not an object`];
  const known: Readonly<Record<string, Shape>> = kinds[kind];
  return Object.entries(value).flatMap(([key, under]): readonly string[] => {
    const at = `${place}.${key}`;
    const shape = Object.hasOwn(known, key) ? known[key] : undefined;
    if (shape === undefined) return [at];
    if (shape === 'value' || shape === 'names' || under === null) return [];
    if (typeof shape === 'string') return unknownKeys(under, shape, at);
    if (!Array.isArray(under)) return [`${at}: not a list`];
    return under.flatMap((one, i) => unknownKeys(one, shape[0], `${at}[${i}]`));
  });
}

export function unknownStepKeys(step: unknown, place: string): readonly string[] {
  const kind =
    typeof step === 'object' && step !== null && 'do' in step ? String(step.do) : 'nothing';
  if (kind === 'flow' || kind === 'exec' || kind === 'sleep') return unknownKeys(step, kind, place);
  return [`${place}: do ${kind} is no step`];
}
