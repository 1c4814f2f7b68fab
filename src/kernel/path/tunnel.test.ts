// A tunnel that catches itself (IP_TUNNEL_RECURSION_LIMIT). The counts were taken from Linux 6.18.
import { expect, it } from 'vitest';
import type { NamespaceSpec } from '../../network/types.ts';
import { run } from '../run.ts';

const node = (n: number, other: number, nat: string): NamespaceSpec => ({
  name: `n${n}`,
  kind: 'node',
  sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
  devices: [
    {
      name: 'eth0',
      type: 'veth',
      mac: `02:00:00:00:00:0${n}`,
      peer: { ns: `n${other}`, dev: 'eth0' },
      addresses: [`192.168.1.1${n}/24`],
    },
    {
      name: 'vx0',
      type: 'vxlan',
      mac: `02:00:00:00:01:0${n}`,
      mtu: 1450,
      addresses: [`10.244.${n}.0/32`],
      vxlan: { vni: 1, dstport: 8472, local: `192.168.1.1${n}`, dev: 'eth0' },
    },
  ],
  routes: [{ dst: `10.244.${other}.0/24`, via: `10.244.${other}.0`, dev: 'vx0', onlink: true }],
  neigh: [{ ip: `10.244.${other}.0`, dev: 'vx0', mac: `02:00:00:00:01:0${other}` }],
  fdb: [{ mac: `02:00:00:00:01:0${other}`, dev: 'vx0', dst: `192.168.1.1${other}` }],
  ...(nat === '' ? {} : { iptables: { ipv4: `*nat\n:OUTPUT ACCEPT [0:0]\n${nat}\nCOMMIT\n` } }),
});

it('ends at the fourth wrapping of a frame, with the same outer port from the second on', () => {
  const trap = '-A OUTPUT -p udp -j DNAT --to-destination 10.244.2.9:99';
  const trace = run({
    network: { namespaces: [node(1, 2, trap), node(2, 1, '')] },
    steps: [{ do: 'flow', id: 'f', proto: 'icmp', ns: 'n1', dst: '10.244.2.0', timeout_ms: 300 }],
    seed: 1,
  });
  const wrapped = trace.events.filter((e) => e.kind === 'dev.tx' && e.site.dev === 'vx0');
  expect(wrapped).toHaveLength(4);
  const drops = trace.events.flatMap((e) => (e.kind === 'drop' ? [e.detail.reason] : []));
  expect(drops).toContain('RECURSION_LIMIT');
  const ports = trace.packets.flatMap((p) =>
    (p.revisions.at(-1)?.layers ?? []).flatMap((l) => (l.kind === 'udp' ? [l.header.sport] : [])),
  );
  expect(new Set(ports).size).toBe(2);
});
