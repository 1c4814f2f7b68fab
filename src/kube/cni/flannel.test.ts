// Flannel against what a real node shows: device, routes, neighbours, FDB and chains.
import { describe, expect, it } from 'vitest';
import { clusterView, contextOf, sandboxOf } from '../../test/cni.ts';
import { printOp } from '../ops.ts';
import { cniOf } from './index.ts';
import { hostLocal } from './host-local.ts';

const view = clusterView({
  subnets: [
    { name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' },
    { name: 'far', cidr: '192.168.2.0/24', gateway: '192.168.2.1' },
  ],
  nodes: [{ name: 'node-a' }, { name: 'node-b' }, { name: 'node-c', subnet: 'far' }],
});
const ctx = contextOf(view, 'node-a', null);
const pod = sandboxOf('web', ['10.244.1.2'], null);
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
    const own = cni.nodeSetup(contextOf(view, 'node-b', null));
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
    const small = clusterView({ nodes: [{ name: 'node-a', podCIDR: '10.244.1.0/29' }] });
    const { allocate } = hostLocal(small);
    const ask = (wanted: string[] = []) => {
      const request = { node: small.nodes[0]!, pod: pod.pod, object: pod.object, wanted };
      const answer = allocate(request);
      return answer.ok ? answer.value.addresses[0]?.ip : answer.error.reason;
    };
    expect(ask(['10.244.1.4'])).toBe('10.244.1.4');
    expect([ask(), ask(), ask(), ask()]).toEqual([
      '10.244.1.2',
      '10.244.1.3',
      '10.244.1.5',
      '10.244.1.6',
    ]);
    expect(ask()).toBe('10.244.1.0/29 of node-a is used up');
    expect(ask(['10.244.1.1'])).toBe('10.244.1.1 is taken');
    expect(ask(['10.9.9.9'])).toBe('10.9.9.9 is not in 10.244.1.0/29 of node-a');
  });
});
