// Flannel against what a real node shows: device, routes, neighbours, FDB and chains.
import { describe, expect, it } from 'vitest';
import { printOp } from '../ops.ts';
import { cniOf } from './index.ts';
import { hostLocal } from './host-local.ts';
import type { CniContext, NodeInfo } from './types.ts';

const node = (name: string, last: number, subnet = 1): NodeInfo => ({
  name,
  ip: `192.168.${subnet}.${last}`,
  subnet: `192.168.${subnet}.0/24`,
  device: 'eth0',
  mtu: 1500,
  podCIDR: `10.244.${last - 10}.0/24`,
});
const ctx: CniContext = {
  seed: 1,
  clusterCIDR: '10.244.0.0/16',
  node: node('node-a', 11),
  peers: [node('node-b', 12), node('node-c', 13, 2)],
};
const pod = { pod: 'default/web', netns: 'web', ip: '10.244.1.2', first: true };
const options = { name: 'flannel', vni: 1, port: 8472, directRouting: false } as const;
const mac = (text: string): string => text.replaceAll(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC');

describe('flannel vxlan', () => {
  const cni = cniOf({ ...options, backend: 'vxlan' });
  it('makes one neighbour, FDB entry and route for each other node, in this order', () => {
    const commands = cni.nodeSetup(ctx).map(printOp).map(mac);
    expect(commands.slice(0, 5)).toEqual([
      'ip link add flannel.1 address MAC mtu 1450 type vxlan id 1 local 192.168.1.11 dev eth0 dstport 8472 nolearning',
      'ip addr add 10.244.1.0/32 dev flannel.1',
      'ip neigh add 10.244.2.0 lladdr MAC dev flannel.1 nud permanent',
      'bridge fdb append MAC dev flannel.1 dst 192.168.1.12 self permanent',
      'ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink',
    ]);
    expect(commands).toContain(
      'iptables -t nat -A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN',
    );
  });
  it('tells every node the address that a VTEP really has', () => {
    const own = cni.nodeSetup({ ...ctx, node: ctx.peers[0]!, peers: [ctx.node] });
    const device = own.find((op) => op.op === 'link.add');
    const neigh = cni.nodeSetup(ctx).find((op) => op.op === 'neigh.add');
    expect(device?.op === 'link.add' && device.dev.mac).toBe(
      neigh?.op === 'neigh.add' ? neigh.neigh.mac : null,
    );
  });
  it('delegates pods to the bridge plugin', () => {
    expect(
      cni
        .addPod(ctx, pod)
        .map(printOp)
        .map(mac)
        .map((c) => c.replaceAll(/veth[0-9a-f]{8}/g, 'vethX')),
    ).toEqual([
      'ip link add cni0 address MAC mtu 1450 type bridge',
      'ip addr add 10.244.1.1/24 dev cni0',
      'sysctl -w net.ipv4.ip_forward=1',
      'ip link add eth0 address MAC mtu 1450 type veth peer name vethX netns node-a',
      'ip link add vethX address MAC mtu 1450 type veth peer name eth0 netns web',
      'ip link set vethX master cni0',
      'bridge link set dev vethX hairpin on',
      'sysctl -w net.ipv4.conf.eth0.arp_notify=1',
      'ip addr add 10.244.1.2/24 dev eth0',
      'ip route add default via 10.244.1.1 dev eth0',
      'ip route add 10.244.0.0/16 via 10.244.1.1 dev eth0',
    ]);
    expect(cni.addPod(ctx, { ...pod, first: false }).map(printOp)[0]).toMatch(/^ip link add eth0/);
  });
  it('routes directly inside a subnet when asked to, and tunnels across routers', () => {
    const direct = cniOf({ ...options, backend: 'vxlan', directRouting: true });
    const commands = direct.nodeSetup(ctx).map(printOp);
    expect(commands).toContain('ip route add 10.244.2.0/24 via 192.168.1.12');
    expect(commands).toContain('ip route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink');
  });
});

describe('flannel host-gw', () => {
  it('has plain routes, no tunnel, and the full MTU', () => {
    const cni = cniOf({ ...options, backend: 'host-gw' });
    const commands = cni.nodeSetup(ctx).map(printOp);
    expect(commands[0]).toBe('ip route add 10.244.2.0/24 via 192.168.1.12 dev eth0');
    expect(commands.join()).not.toContain('vxlan');
    expect(cni.addPod(ctx, pod).map(printOp)[0]).toContain('mtu 1500');
  });
});

describe('host-local', () => {
  it('starts at .2 and ends before the broadcast address', () => {
    const next = hostLocal('10.244.1.0/29');
    expect([next(), next(), next(), next(), next(), next()]).toEqual([
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.4',
      '10.244.1.5',
      '10.244.1.6',
      null,
    ]);
  });
});
