// The commands of Calico's components on a node, mode by mode.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { clusterView, contextOf, sandboxOf } from '../../test/cni.ts';
import { printOp } from '../ops.ts';
import type { NetOp } from '../ops.ts';
import { calico } from './calico.ts';
import type { CalicoShared } from './calico-ipam.ts';
import { calicoOptions } from './calico-options.ts';
import type { CalicoOptions } from './calico-options.ts';
import { caliName } from './calico-pod.ts';
import { vtepMac } from './calico-tunnels.ts';

const optionsOf = (more: object): CalicoOptions =>
  v.parse(calicoOptions, { name: 'calico', ...more });
const view = clusterView({
  cni: { name: 'calico' },
  nodes: [{ name: 'node-a' }, { name: 'node-b' }, { name: 'node-c', subnet: 'far' }],
  subnets: [
    { name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' },
    { name: 'far', cidr: '192.168.2.0/24', gateway: '192.168.2.1' },
  ],
});
const NODES = ['node-a', 'node-b', 'node-c'];
const shared: CalicoShared = {
  blocks: NODES.map((node, i) => ({ cidr: `10.244.${i + 1}.0/26`, family: 'IPv4', node })),
  borrowed: [{ ip: '10.244.1.9', family: 'IPv4', node: 'node-b' }],
  tunnels: NODES.map((node, i) => ({ ip: `10.244.${i + 1}.0`, family: 'IPv4', node })),
};
const ctx = contextOf(view, 'node-a', shared);
const text = (ops: readonly NetOp[]): readonly string[] =>
  ops.map(printOp).filter((line) => !line.startsWith('sysctl'));
const setup = (encapsulation: string): readonly string[] =>
  text(calico.nodeSetup(ctx, optionsOf({ encapsulation })));

describe('names', () => {
  it('of interfaces are hashes of namespace and pod', () => {
    expect(caliName('default/web-0')).toBe('cali0d7763386da');
  });
  it('of VTEPs are hashes of the node', () => {
    // printf node-a | sha1sum: 0702c1cc60ff...
    expect(vtepMac('node-a', 'IPv4')).toBe('66:07:02:c1:cc:60');
    expect(vtepMac('node-a', 'IPv6')).not.toBe(vtepMac('node-a', 'IPv4'));
  });
});

describe('between nodes', () => {
  const macs = { b: vtepMac('node-b', 'IPv4'), c: vtepMac('node-c', 'IPv4') };
  const device = [
    `ip link add vxlan.calico address ${vtepMac('node-a', 'IPv4')} mtu 1450 type vxlan id 4096 local 192.168.1.11 dev eth0 dstport 4789 nolearning`,
    'ip addr add 10.244.1.0/32 dev vxlan.calico',
    'ip route add blackhole 10.244.1.0/26 proto 80',
  ];
  const vtep = (n: string, mac: string, node: string) => [
    `ip neigh add 10.244.${n}.0 lladdr ${mac} dev vxlan.calico nud permanent`,
    `bridge fdb append ${mac} dev vxlan.calico dst ${node} self permanent`,
  ];
  it('VXLAN: always by the tunnel, borrowed addresses too', () => {
    expect(setup('VXLAN')).toEqual([
      ...device,
      ...vtep('2', macs.b, '192.168.1.12'),
      'ip route add 10.244.2.0/26 via 10.244.2.0 dev vxlan.calico proto 80 onlink',
      'ip route add 10.244.1.9/32 via 10.244.2.0 dev vxlan.calico proto 80 onlink',
      ...vtep('3', macs.c, '192.168.2.11'),
      'ip route add 10.244.3.0/26 via 10.244.3.0 dev vxlan.calico proto 80 onlink',
    ]);
  });
  it('VXLANCrossSubnet: by the tunnel where a router is between', () => {
    expect(setup('VXLANCrossSubnet')).toEqual([
      ...device,
      ...vtep('2', macs.b, '192.168.1.12'),
      'ip route add 10.244.2.0/26 via 192.168.1.12 dev eth0 proto 80 onlink',
      'ip route add 10.244.1.9/32 via 192.168.1.12 dev eth0 proto 80 onlink',
      ...vtep('3', macs.c, '192.168.2.11'),
      'ip route add 10.244.3.0/26 via 10.244.3.0 dev vxlan.calico proto 80 onlink',
    ]);
  });
  it('IPIP: the next hop is the node, the device is tunl0', () => {
    expect(setup('IPIP')).toEqual([
      'ip link add tunl0 mtu 1480 type ipip',
      'ip addr add 10.244.1.0/32 dev tunl0',
      'ip route add blackhole 10.244.1.0/26 proto bird',
      'ip route add 10.244.2.0/26 via 192.168.1.12 dev tunl0 proto bird onlink',
      'ip route add 10.244.1.9/32 via 192.168.1.12 dev tunl0 proto bird onlink',
      'ip route add 10.244.3.0/26 via 192.168.2.11 dev tunl0 proto bird onlink',
    ]);
  });
  it('IPIPCrossSubnet, and BGP alone, whose next hops of other subnets are behind the router', () => {
    expect(setup('IPIPCrossSubnet').slice(3)).toEqual([
      'ip route add 10.244.2.0/26 via 192.168.1.12 dev eth0 proto bird',
      'ip route add 10.244.1.9/32 via 192.168.1.12 dev eth0 proto bird',
      'ip route add 10.244.3.0/26 via 192.168.2.11 dev tunl0 proto bird onlink',
    ]);
    const { tunnels: _, ...rest } = shared;
    const bare = contextOf(view, 'node-a', { ...rest, tunnels: [] });
    expect(text(calico.nodeSetup(bare, optionsOf({ encapsulation: 'None' })))).toEqual([
      'ip route add blackhole 10.244.1.0/26 proto bird',
      'ip route add 10.244.2.0/26 via 192.168.1.12 dev eth0 proto bird',
      'ip route add 10.244.1.9/32 via 192.168.1.12 dev eth0 proto bird',
      'ip route add 10.244.3.0/26 via 192.168.1.1 dev eth0 proto bird',
    ]);
  });
});

describe('a pod', () => {
  const add = (options: object): readonly string[] =>
    calico
      .addPod(ctx, sandboxOf('web-0', ['10.244.1.2'], null), optionsOf(options))
      .map(printOp)
      .map((line) => line.replace(/address (?!ee)\S+/, 'address MAC'));
  it('has a /32, a next hop that does not exist, and no bridge', () => {
    expect(add({ encapsulation: 'VXLANCrossSubnet' })).toEqual([
      'ip link add eth0 address MAC mtu 1450 type veth peer name cali0d7763386da netns node-a',
      'ip link add cali0d7763386da address ee:ee:ee:ee:ee:ee mtu 1450 type veth peer name eth0 netns web-0',
      'sysctl -w net.ipv4.conf.cali0d7763386da.route_localnet=1',
      'sysctl -w net.ipv4.neigh.cali0d7763386da.proxy_delay=0',
      'sysctl -w net.ipv4.conf.cali0d7763386da.proxy_arp=1',
      'sysctl -w net.ipv4.conf.cali0d7763386da.forwarding=1',
      'sysctl -w net.ipv4.ip_forward=0',
      'ip addr add 10.244.1.2/32 dev eth0',
      'ip route add 169.254.1.1/32 dev eth0 scope link',
      'ip route add default via 169.254.1.1 dev eth0',
      'ip route add 10.244.1.2/32 dev cali0d7763386da scope link',
    ]);
  });
  it.each([
    ['IPIP', 1480],
    ['IPIPCrossSubnet', 1480],
    ['VXLAN', 1450],
    ['None', 1500],
  ])('leaves room for what its packets may be wrapped in: %s %i', (encapsulation, mtu) => {
    expect(add({ encapsulation })[0]).toContain(` mtu ${mtu} `);
  });
});

describe('check', () => {
  const reasons = (cluster: object, options: object): readonly string[] =>
    calico.check!(clusterView({ cni: { name: 'calico' }, ...cluster }), optionsOf(options)).map(
      ({ severity, reason }) => `${severity}: ${reason}`,
    );
  const gateway = { name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' };
  it('says what cannot work', () => {
    expect(reasons({ subnets: [gateway] }, {})).toEqual([]);
    expect(reasons({ subnets: [gateway], podCIDR: '10.244.0.0/27' }, {})).toEqual([
      'error: the pool 10.244.0.0/27 is smaller than a block of /26',
    ]);
    expect(reasons({}, {})[0]).toMatch(/^warning: .*169\.254\.1\.1/);
    const far = { name: 'far', cidr: '192.168.2.0/24', gateway: '192.168.2.1' };
    const apart = {
      subnets: [gateway, far],
      nodes: [{ name: 'a' }, { name: 'b', subnet: 'far' }],
    };
    expect(reasons(apart, { encapsulation: 'None' })[0]).toMatch(/^warning: the router/);
    expect(reasons(apart, { encapsulation: 'None', peerRouter: true })).toEqual([]);
    expect(reasons(apart, { encapsulation: 'IPIP' })).toEqual([]);
  });
});
