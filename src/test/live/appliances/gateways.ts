// Gateways as routers with two ports, or one, that translate: 1:1 by a DNAT and an SNAT rule for each pair, many to one by SNAT to a range
// of ports. Unlike an internet gateway, Linux remembers connections; the packets are the same.
import { portsOf } from '../../../appliance/index.ts';
import type { InternetGatewaySpec, NatGatewaySpec } from '../../../network/appliances.ts';
import type { DeviceSpec, NeighSpec, RouteSpec } from '../../../network/types.ts';
import { FAR_END, LO, NO_HOP_PLAIN, ROUTER, table } from './types.ts';
import type { StandIn } from './types.ts';
import type { FarMac } from './vpc-router.ts';

const farEnd = (port: DeviceSpec, farMac: FarMac): NeighSpec => ({
  ip: FAR_END,
  dev: port.name,
  mac: farMac(port),
});
const to = (dst: string, dev: string): RouteSpec => ({ dst, via: FAR_END, dev, onlink: true });
const silent = table('filter', ['INPUT DROP', 'FORWARD DROP', 'OUTPUT ACCEPT'], []);
const noHop = table('mangle', ['FORWARD ACCEPT'], [NO_HOP_PLAIN]);
const NAT = ['PREROUTING ACCEPT', 'INPUT ACCEPT', 'OUTPUT ACCEPT', 'POSTROUTING ACCEPT'];

export function internetGateway(spec: InternetGatewaySpec, farMac: FarMac): StandIn {
  const [inside, outside] = portsOf(spec) as readonly [DeviceSpec, DeviceSpec];
  const pairs = spec.addresses;
  const own = [...pairs.map((pair) => pair.public), spec.outside.address ?? []].flat();
  return {
    namespace: {
      name: spec.name,
      kind: 'gateway',
      // A proxy of Linux would answer after a random time.
      sysctls: { ...ROUTER, [`net.ipv4.neigh.${outside.name}.proxy_delay`]: '0' },
      devices: [LO, inside, outside],
      neigh: [
        farEnd(inside, farMac),
        farEnd(outside, farMac),
        // Answered for because a route to them leads elsewhere.
        ...own.map((ip) => ({ ip, dev: outside.name, proxy: true })),
      ],
      routes: [
        ...pairs.map((pair) => to(`${pair.private}/32`, inside.name)),
        ...own.map((ip) => to(`${ip}/32`, inside.name)),
        to('default', outside.name),
      ],
      iptables: {
        ipv4: [
          noHop,
          table('nat', NAT, [
            ...pairs.map(
              (p) => `-A PREROUTING -d ${p.public}/32 -j DNAT --to-destination ${p.private}`,
            ),
            ...pairs.map(
              (p) => `-A POSTROUTING -s ${p.private}/32 -j SNAT --to-source ${p.public}`,
            ),
          ]),
          table(
            'filter',
            ['INPUT DROP', 'FORWARD DROP', 'OUTPUT ACCEPT'],
            [
              ...pairs.map((p) => `-A FORWARD -i ${inside.name} -s ${p.private}/32 -j ACCEPT`),
              ...pairs.map((p) => `-A FORWARD -i ${outside.name} -d ${p.private}/32 -j ACCEPT`),
            ],
          ),
        ].join(''),
      },
    },
    ports: [],
  };
}

export function natGateway(spec: NatGatewaySpec, farMac: FarMac): StandIn {
  const [port] = portsOf(spec) as readonly [DeviceSpec];
  return {
    namespace: {
      name: spec.name,
      kind: 'gateway',
      sysctls: ROUTER,
      devices: [LO, { ...port, addresses: [`${spec.address}/32`] }],
      neigh: [farEnd(port, farMac)],
      routes: [to('default', port.name)],
      iptables: {
        ipv4: [
          noHop,
          table('nat', NAT, [
            ...['tcp', 'udp', 'icmp'].map((proto) => {
              const ports = proto === 'icmp' ? '' : ':1024-65535';
              return `-A POSTROUTING -o ${port.name} -p ${proto} -j SNAT --to-source ${spec.address}${ports} --random`;
            }),
          ]),
          silent.replace('FORWARD DROP', 'FORWARD ACCEPT'),
        ].join(''),
      },
    },
    ports: [],
  };
}
