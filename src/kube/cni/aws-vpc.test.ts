// The AWS VPC CNI: what it writes on a node, how ipamd gives addresses, and packets through a VPC.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clusterView, contextOf, sandboxOf } from '../../test/cni.ts';
import { expectSaved, savedAfter } from '../../test/saved-text.ts';
import { printOp } from '../ops.ts';
import { instanceTypes, limitsOf, maxPods } from './aws-vpc-instances.ts';
import { cniOf } from './index.ts';
import type { CniOptions } from './index.ts';
import type { AwsVpcShared } from './aws-vpc-ipamd.ts';
import * as v from 'valibot';
import { awsVpcOptions } from './aws-vpc-options.ts';

const options = (more: object = {}): CniOptions =>
  v.parse(awsVpcOptions, { name: 'aws-vpc', ...more });
const VPC = {
  cloud: { name: 'aws' },
  subnets: [{ name: 'a', cidr: '10.0.1.0/24' }],
  nodes: [{ name: 'node-a', ip: '10.0.1.10' }, { name: 'node-b' }],
};

/** Pods p0, p1, ... on node-a, and what ipamd says then. */
function pods(count: number, more: object = {}, wanted: readonly string[] = []) {
  const view = clusterView(VPC);
  const ipam = cniOf(options(more)).ipam(view);
  const results = Array.from({ length: count }, (_, i) =>
    ipam.allocate({
      node: view.nodes[0]!,
      pod: `default/p${i}`,
      object: sandboxOf(`p${i}`, [], null).object,
      wanted: wanted[i] === undefined ? [] : [wanted[i]],
    }),
  );
  const enis = (ipam.shared() as AwsVpcShared).get('node-a')!;
  return { results, enis, refused: results.flatMap((r) => (r.ok ? [] : [r.error.reason])) };
}
const ipsOf = ({ results }: ReturnType<typeof pods>): readonly string[] =>
  results.flatMap((r) => (r.ok ? r.value.addresses.map(({ ip }) => ip) : []));

function commands(more: object = {}, enis?: AwsVpcShared): readonly string[] {
  const view = clusterView(VPC);
  const cni = cniOf(options(more));
  const shared = enis ?? cni.ipam(view).shared();
  return cni.nodeSetup(contextOf(view, 'node-a', shared)).map(printOp);
}

describe('rules of a node', () => {
  it('are those of iptables-save on a real one', () => {
    const view = clusterView(VPC);
    const cni = cniOf(options());
    const setup = cni.nodeSetup(contextOf(view, 'node-a', cni.ipam(view).shared()));
    const real = readFileSync(new URL('./testdata/aws-vpc-cni.saved', import.meta.url), 'utf8');
    expectSaved(savedAfter(setup), real);
  });

  it('leave pods their address where somebody else translates', () => {
    const text = commands({ externalSNAT: true }).join('\n');
    expect(text).not.toContain('-j SNAT');
    expect(text).not.toContain('AWS, outbound connections');
    expect(text).toContain('iptables -t nat -N AWS-SNAT-CHAIN-0');
    // NodePorts still have to go back by the primary interface.
    expect(text).toContain('-i eni+ -j CONNMARK --restore-mark --mask 0x80');
    expect(text).toContain('ip rule add fwmark 0x80/0x80 lookup main priority 1024');
    const neither = commands({ externalSNAT: true, nodePortSupport: false }).join('\n');
    expect(neither).not.toContain('CONNMARK --');
    expect(neither).not.toContain('0x80');
  });

  it('take ranges out of translation, the last one first, and say how ports are drawn', () => {
    const text = commands({ excludeSNATCIDRs: ['10.1.0.0/16'], randomizeSNAT: 'hashrandom' });
    const view = clusterView(VPC);
    const cni = cniOf(options({ excludeSNATCIDRs: ['10.1.0.0/16'], randomizeSNAT: 'hashrandom' }));
    const saved = savedAfter(cni.nodeSetup(contextOf(view, 'node-a', cni.ipam(view).shared())));
    const chain = (name: string): readonly string[] =>
      saved.split('\n').filter((line) => line.startsWith(`-A ${name}`));
    expect(chain('AWS-SNAT-CHAIN-0')).toEqual([
      '-A AWS-SNAT-CHAIN-0 -d 10.1.0.0/16 -m comment --comment "AWS SNAT CHAIN EXCLUSION" -j RETURN',
      '-A AWS-SNAT-CHAIN-0 -d 10.0.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
      '-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.0.1.10 --random',
    ]);
    expect(chain('AWS-CONNMARK-CHAIN-0')).toHaveLength(3);
    expect(text.some((line) => line.includes('--random-fully'))).toBe(false);
    expect(commands({ randomizeSNAT: 'none' }).some((line) => line.includes('--random'))).toBe(
      false,
    );
  });

  it('give a secondary interface a table of its own, and the main table nothing of it', () => {
    const shared: AwsVpcShared = new Map([
      [
        'node-a',
        [
          { device: 'eth0', primary: '10.0.1.10', table: null, ranges: ['10.0.1.4'] },
          { device: 'eth1', primary: '10.0.1.5', table: 2, ranges: ['10.0.1.6'] },
        ],
      ],
    ]);
    const text = commands({ externalServiceCIDRs: ['172.20.0.0/16'] }, shared);
    expect(text).toContain('sysctl -w net.ipv4.conf.eth0.rp_filter=2');
    expect(text).toContain('ip link set eth0 mtu 9001');
    expect(text.some((line) => line.includes('eth1.rp_filter'))).toBe(false);
    for (const line of [
      'ip addr add 10.0.1.5/24 dev eth1',
      'ip route add 10.0.1.1/32 dev eth1 scope link table 2',
      'ip route add default via 10.0.1.1 dev eth1 table 2',
      'ip route del 10.0.1.0/24 dev eth1',
      'ip rule add from 10.0.1.5/32 lookup 2 priority 32765',
      'ip rule add to 172.20.0.0/16 lookup main priority 1535',
    ])
      expect(text).toContain(line);
  });
});

describe('a pod', () => {
  const mac = (text: string): string => text.replaceAll(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC');
  const wiring = (table: number | null, more: object = {}): readonly string[] => {
    const ctx = contextOf(clusterView(VPC), 'node-a', new Map());
    const data = { device: table === null ? 'eth0' : 'eth1', table };
    return cniOf(options(more))
      .addPod(ctx, sandboxOf('web-0', ['10.0.1.20'], data))
      .map(printOp)
      .map(mac);
  };
  it('has a next hop that exists nowhere, whose MAC address is written down', () => {
    expect(wiring(null)).toEqual([
      'ip link add eth0 address MAC mtu 9001 type veth peer name eni0d7763386da netns node-a',
      'ip link add eni0d7763386da address MAC mtu 9001 type veth peer name eth0 netns web-0',
      'ip addr add 10.0.1.20/32 dev eth0',
      'ip route add 169.254.1.1/32 dev eth0 scope link',
      'ip route add default via 169.254.1.1 dev eth0',
      'ip neigh add 169.254.1.1 lladdr MAC dev eth0 nud permanent',
      'ip route add 10.0.1.20/32 dev eni0d7763386da scope link',
      'ip rule add to 10.0.1.20/32 lookup main priority 512',
    ]);
  });
  it('leaves by the interface that its address belongs to', () => {
    expect(wiring(3).at(-1)).toBe('ip rule add from 10.0.1.20/32 lookup 3 priority 1536');
    expect(wiring(null, { vethPrefix: 'vpc', mtu: 1500 })[0]).toBe(
      'ip link add eth0 address MAC mtu 1500 type veth peer name vpc0d7763386da netns node-a',
    );
  });
});

describe('instance types', () => {
  it.each([
    ['t3.micro', 4], ['t3.small', 11], ['t3.medium', 17], ['t3.large', 35], ['t3.xlarge', 58],
    ['m4.large', 20], ['m5.large', 29], ['m5.xlarge', 58], ['m5.2xlarge', 58], ['m5.4xlarge', 234],
    ['c5.18xlarge', 737], ['m5.24xlarge', 737],
  ] as const)('%s runs %d pods', (name, pods) => {
    expect(maxPods(limitsOf(name)!, false)).toBe(pods);
  }); // prettier-ignore
  it('run more with prefixes, up to what EKS recommends', () => {
    expect(maxPods(limitsOf('m5.large')!, true)).toBe(110);
    expect(maxPods(limitsOf('m5.12xlarge')!, true)).toBe(250);
    expect(maxPods(limitsOf('t3.micro')!, true)).toBe(34);
    expect(instanceTypes.length).toBeGreaterThan(20);
  });
});

describe('ipamd', () => {
  it('keeps as many addresses free as one interface holds: t3.small', () => {
    const pool = (count: number) => {
      const { enis } = pods(count, { instanceType: 't3.small' });
      return `${enis.length} ENIs, ${enis.flatMap((eni) => eni.ranges).length} IPs`;
    };
    expect(pool(0)).toBe('1 ENIs, 3 IPs');
    expect(pool(1)).toBe('2 ENIs, 6 IPs');
    expect(pool(3)).toBe('2 ENIs, 6 IPs');
    expect(pool(5)).toBe('3 ENIs, 9 IPs');
  });

  it('gives nobody the first address of an interface, and no address twice', () => {
    const all = pods(9, { instanceType: 't3.small' });
    const ips = ipsOf(all);
    expect(new Set(ips).size).toBe(9);
    for (const eni of all.enis) expect(ips).not.toContain(eni.primary);
    // AWS keeps .0 to .3 and .255; .10 and .11 are the nodes.
    for (const ip of ips) expect(Number(ip.split('.')[3])).toBeGreaterThan(3);
    expect(all.enis.map((eni) => [eni.device, eni.table])).toEqual([
      ['eth0', null],
      ['eth1', 2],
      ['eth2', 3],
    ]);
  });

  it('refuses the pod for which there is no address, with the reason', () => {
    expect(pods(10, { instanceType: 't3.small' }).refused).toEqual([
      'node-a (t3.small) runs 9 pods already, besides 2 of the node itself',
    ]);
    expect(pods(10, { instanceType: 't3.small', maxPods: 110 }).refused).toEqual([
      'no interface of node-a (t3.small) has a free address',
    ]);
  });

  it('takes the interface that the document prefers, once it is there', () => {
    const devices = (preferENI: string): readonly string[] =>
      pods(4, { instanceType: 't3.small', preferENI }).results.flatMap((r) =>
        r.ok ? [(r.value.data as { device: string }).device] : [],
      );
    expect(devices('primary')).toEqual(['eth0', 'eth0', 'eth0', 'eth1']);
    expect(devices('secondary')).toEqual(['eth0', 'eth1', 'eth1', 'eth1']);
  });

  it('holds to targets in the place of whole interfaces', () => {
    const two = pods(2, { warmIPTarget: 2 });
    expect(two.enis.map((eni) => eni.ranges.length)).toEqual([4]);
    const least = pods(1, { warmIPTarget: 1, minimumIPTarget: 12 });
    expect(least.enis.map((eni) => eni.ranges.length)).toEqual([9, 3]);
  });

  it('delegates /28 prefixes, and gives the lowest address of one', () => {
    const few = pods(2, { prefixDelegation: true });
    // One prefix is free besides the one in use; .32 is node-b's.
    expect(few.enis[0]?.ranges).toEqual(['10.0.1.16/28', '10.0.1.48/28']);
    expect(new Set(ipsOf(few)).size).toBe(2);
    const many = pods(60, { prefixDelegation: true });
    expect(many.enis).toHaveLength(1);
    expect(many.enis[0]?.ranges.length).toBe(5);
    expect(many.refused).toEqual([]);
  });

  it('lets pods keep addresses that they bring along', () => {
    const wanted = ['10.0.1.77', '10.0.1.4', '10.0.1.77', '10.0.9.9'];
    const kept = pods(4, {}, wanted);
    expect(ipsOf(kept)).toEqual(['10.0.1.77', '10.0.1.4']);
    expect(kept.refused).toEqual(['10.0.1.77 is taken', '10.0.9.9 is not in the subnet of node-a']);
    const block = pods(1, { prefixDelegation: true }, ['10.0.1.70']);
    expect(block.enis[0]?.ranges).toContain('10.0.1.64/28');
  });

  it('names what it cannot do', () => {
    const check = (cluster: object, more: object = {}): readonly string[] =>
      cniOf(options(more))
        .check(clusterView(cluster))
        .map((d) => d.reason);
    expect(check({})).toEqual([
      'the AWS VPC CNI needs a VPC: pods get addresses of its interfaces',
    ]);
    expect(check(VPC, { instanceType: 'x1.large' })[0]).toBe(
      'node-a: the limits of instance type x1.large are not known',
    );
    expect(check(VPC, { instanceType: 't2.micro', prefixDelegation: true })[0]).toBe(
      'node-a: t2.micro has no prefix delegation',
    );
  });
});
