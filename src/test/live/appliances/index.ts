// A network without appliances that does what one with them does: each is a namespace. To add one: a line in `STAND_INS`.
import { portsOf } from '../../../appliance/index.ts';
import type { ApplianceKind, ApplianceSpec, ApplianceSpecs } from '../../../network/appliances.ts';
import type { DeviceSpec, LinuxNetwork } from '../../../network/types.ts';
import { internetGateway, natGateway } from './gateways.ts';
import type { StandIn } from './types.ts';
import { vpcRouter } from './vpc-router.ts';
import type { FarMac } from './vpc-router.ts';

const STAND_INS: {
  readonly [K in ApplianceKind]: (spec: ApplianceSpecs[K], farMac: FarMac) => StandIn;
} = {
  'vpc-router': vpcRouter,
  'internet-gateway': internetGateway,
  'nat-gateway': natGateway,
};

export interface WithoutAppliances {
  readonly network: LinuxNetwork;
  /** Arguments of `ip link set dev`, when all else is built. */
  readonly ports: readonly { readonly ns: string; readonly args: string }[];
}

export function withoutAppliances(original: LinuxNetwork): WithoutAppliances {
  const { namespaces, appliances = [] } = shortNames(original);
  const devices = new Map<string, readonly DeviceSpec[]>([
    ...namespaces.map((ns) => [ns.name, ns.devices] as const),
    ...appliances.map((one) => [one.name, portsOf(one)] as const),
  ]);
  const farMac: FarMac = ({ peer }) =>
    devices.get(peer?.ns ?? '')?.find(({ name }) => name === peer?.dev)?.mac ?? '';
  const made = appliances.map((one) =>
    (STAND_INS[one.kind] as (spec: ApplianceSpec, mac: FarMac) => StandIn)(one, farMac),
  );
  const all = [...namespaces, ...made.map(({ namespace }) => namespace)];
  return {
    network: { namespaces: all },
    ports: made.flatMap(({ namespace, ports }) =>
      ports.map((args) => ({ ns: namespace.name, args })),
    ),
  };
}

/** Ports of appliances may have longer names than devices of Linux: such a name becomes a number wherever it stands. */
const MAX_NAME = 15;

function shortNames(network: LinuxNetwork): LinuxNetwork {
  const ports = (network.appliances ?? []).flatMap((one) => portsOf(one).map(({ name }) => name));
  const long = ports.filter((name) => name.length > MAX_NAME);
  const short = new Map(long.map((name, i) => [name, `port-${i}`]));
  const text = JSON.stringify(network, (_, value: unknown) =>
    typeof value === 'string' ? (short.get(value) ?? value) : value,
  );
  return JSON.parse(text) as LinuxNetwork;
}
