// The script of a network: its lines, their order, and what a hostile name must not do. That a real kernel takes them, and does then
// what the engine says, is shown by `npm run test:kernel`.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkScript, netnsName, removalScript } from './script.ts';
import { hereDocument, word } from './shell.ts';
import type { LinuxNetwork } from './types.ts';

const network: LinuxNetwork = {
  namespaces: [
    {
      name: 'node',
      kind: 'node',
      sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth0.rp_filter': '1' },
      devices: [
        { name: 'lo', type: 'loopback' },
        {
          name: 'eth0',
          type: 'veth',
          mac: '02:00:00:00:00:01',
          mtu: 1500,
          addresses: ['192.168.1.11/24', { cidr: 'fd00::11/64' }],
          peer: { ns: 'pod', dev: 'eth0' },
        },
        {
          name: 'vx.1',
          type: 'vxlan',
          up: false,
          vxlan: { vni: 1, dstport: 8472, local: '192.168.1.11', dev: 'eth0' },
        },
        { name: 'br0', type: 'bridge' },
        { name: 'd0', type: 'dummy', master: 'br0', bridge_port: { hairpin: true } },
      ],
      routes: [
        { dst: 'default', via: 'fd00::1', dev: 'eth0' },
        { dst: '10.0.0.0/8', type: 'blackhole', table: 100, metric: 5 },
      ],
      rules: [{ priority: 10, not: true, fwmark: '0x80/0x80', lookup: 100 }],
      neigh: [{ ip: '192.168.1.12', dev: 'eth0', mac: '02:00:00:00:00:02', state: 'STALE' }],
      fdb: [{ mac: '02:00:00:00:00:03', dev: 'vx.1', dst: '192.168.1.12' }],
      ipsets: [
        {
          name: 's',
          type: 'hash:net',
          family: 'inet',
          entries: ['10.0.0.0/8', '10.1.0.0/16 nomatch'],
        },
      ],
      iptables: { ipv4: '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n', ipv6: '*raw\nCOMMIT' },
    },
    {
      name: 'pod',
      kind: 'pod',
      sysctls: { 'net.ipv4.conf.vx/1.rp_filter': '1' },
      devices: [
        { name: 'lo', type: 'loopback' },
        {
          name: 'eth0',
          type: 'veth',
          mac: '02:00:00:00:00:02',
          mtu: 1400,
          peer: { ns: 'node', dev: 'eth0' },
        },
        {
          name: 'mv0',
          type: 'macvlan',
          mac: '02:00:00:00:00:09',
          lower: { ns: 'node', dev: 'eth0' },
        },
      ],
    },
  ],
};

describe('the script of a network', () => {
  const sections = networkScript(network, { prefix: 'x-', iptables: 'iptables-legacy' });
  const lines = sections.flatMap((section) => section.lines);

  it('names what it does, in an order that Linux accepts', () => {
    expect(sections.map(({ title }) => title)).toEqual([
      'namespaces',
      'sysctls before devices',
      'devices',
      'bridge ports',
      'no offloads',
      'sysctls of devices',
      'addresses',
      'links up',
      'routes and tables',
    ]);
  });

  it.each([
    'ip netns add x-node',
    'ip netns exec x-node sysctl -qw net.ipv4.ip_forward=1',
    'ip netns exec x-node sysctl -qw net.ipv4.conf.eth0.rp_filter=1',
    'ip -n x-node link add name eth0 address 02:00:00:00:00:01 mtu 1500 type veth peer name eth0 address 02:00:00:00:00:02 mtu 1400 netns x-pod',
    'ip -n x-node link add name vx.1 type vxlan id 1 local 192.168.1.11 dev eth0 dstport 8472 nolearning',
    'ip -n x-node link add name br0 type bridge stp_state 0 mcast_snooping 0',
    'ip -n x-node link add link eth0 name mv0 address 02:00:00:00:00:09 netns x-pod type macvlan mode bridge',
    'ip -n x-node link set d0 master br0',
    'bridge -n x-node link set dev d0 hairpin on',
    'ip -n x-node addr add 192.168.1.11/24 dev eth0',
    'ip -n x-node addr add fd00::11/64 dev eth0 nodad',
    'ip -6 -n x-node route add default via fd00::1 dev eth0',
    'ip -n x-node route add blackhole 10.0.0.0/8 table 100 metric 5',
    'ip -n x-node rule add not fwmark 0x80/0x80 lookup 100 priority 10',
    'ip -n x-node neigh replace 192.168.1.12 lladdr 02:00:00:00:00:02 dev eth0 nud stale',
    'bridge -n x-node fdb append 02:00:00:00:00:03 dev vx.1 dst 192.168.1.12 self permanent',
    'ip netns exec x-node ipset create s hash:net family inet',
    'ip netns exec x-node ipset add s 10.1.0.0/16 nomatch',
    "ip netns exec x-node iptables-legacy-restore <<'END'\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\nEND",
    "ip netns exec x-node ip6tables-legacy-restore <<'END'\n*raw\nCOMMIT\nEND",
  ])('has the line %s', (wanted) => {
    expect(lines).toContain(wanted);
  });

  it('makes each veth once, leaves down what is down, and removes what it made', () => {
    expect(lines.filter((one) => one.includes('type veth'))).toHaveLength(1);
    expect(lines).not.toContain('ip -n x-node link set vx.1 up');
    expect(lines).toContain('ip -n x-pod link set mv0 up');
    expect(removalScript(network, { prefix: 'x-' }).lines).toEqual([
      'ip netns del x-node',
      'ip netns del x-pod',
    ]);
  });
});

describe('words of a shell', () => {
  const inShell = (line: string): string =>
    spawnSync('sh', ['-c', line], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } })
      .stdout;

  it('reach a command as they are', () => {
    const texts = fc.sample(fc.string({ minLength: 1 }), { numRuns: 30, seed: 1 });
    const hostile = ['$(id)', '`id`', "a'b", 'a b', ';id', '*', '~', '"', '\\', '\n', '-n', '#'];
    const all = [...texts.filter((one) => !one.includes('\0')), ...hostile];
    expect(inShell(`printf '%s\\0' ${all.map(word).join(' ')}`)).toBe(
      all.map((one) => `${one}\0`).join(''),
    );
  });

  it('end a here-document only where it ends', () => {
    const text = 'END\n$(id) `id`\nEND_';
    expect(inShell(hereDocument('cat', text))).toBe(`${text}\n`);
  });

  it('name a file under /run/netns', () => {
    expect(netnsName('x-', '../a b/c')).toBe('x-..-a-b-c');
  });
});
