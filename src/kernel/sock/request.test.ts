// A connection that is only asked for, and ICMP errors about its SYN-ACK (tcp_req_err). The counts were taken from Linux 6.18.
import { describe, expect, it } from 'vitest';
import type { DeviceSpec, LinuxNetwork, NamespaceSpec } from '../../network/types.ts';
import type { Trace } from '../../trace/types.ts';
import { run } from '../run.ts';

const OFF = { 'net.ipv6.conf.all.disable_ipv6': '1' };
const cable = (
  dev: string,
  mac: number,
  address: string,
  peer: DeviceSpec['peer'] & object,
): DeviceSpec => ({
  name: dev,
  type: 'veth',
  mac: `02:00:00:00:00:0${mac}`,
  addresses: [address],
  peer,
});

/** A router refuses what the server says. */
function network(reject: string): LinuxNetwork {
  const host = (name: string, device: DeviceSpec, via: string): NamespaceSpec => ({
    name,
    kind: 'host',
    sysctls: OFF,
    devices: [device],
    routes: [{ dst: 'default', via, dev: 'eth0' }],
  });
  const client = cable('eth0', 1, '10.0.1.2/24', { ns: 'router', dev: 'eth0' });
  const server = cable('eth0', 4, '10.0.2.2/24', { ns: 'router', dev: 'eth1' });
  return {
    namespaces: [
      host('client', client, '10.0.1.1'),
      {
        name: 'router',
        kind: 'router',
        sysctls: { ...OFF, 'net.ipv4.ip_forward': '1' },
        iptables: {
          ipv4: `*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --sport 80 -j REJECT --reject-with ${reject}\nCOMMIT\n`,
        },
        devices: [
          cable('eth0', 2, '10.0.1.1/24', { ns: 'client', dev: 'eth0' }),
          cable('eth1', 3, '10.0.2.1/24', { ns: 'server', dev: 'eth0' }),
        ],
      },
      {
        ...host('server', server, '10.0.2.1'),
        listeners: [{ proto: 'tcp', addr: '0.0.0.0', port: 80, name: 'server' }],
      },
    ],
  };
}

const synAcks = (trace: Trace): number =>
  trace.events.filter(
    (e) => e.kind === 'dev.tx' && e.site.netns === 'server' && isTcp(trace, e.packet),
  ).length;
const isTcp = (trace: Trace, id: number | null): boolean =>
  trace.packets.find((p) => p.id === id)?.revisions[0]?.layers.some((l) => l.kind === 'tcp') ===
  true;

describe('a request for a connection', () => {
  const ask = (reject: string): Trace =>
    run({
      network: network(reject),
      steps: [
        {
          do: 'flow',
          id: 'f',
          proto: 'tcp',
          ns: 'client',
          dst: '10.0.2.2',
          dport: 80,
          timeout_ms: 2600,
        },
      ],
      seed: 1,
    });

  it('ends where the way back is refused: each SYN begins anew', () => {
    expect(synAcks(ask('icmp-host-unreachable'))).toBe(3);
  });

  it('stays where the error is another, and sends its SYN-ACK by its own clock, too', () => {
    expect(synAcks(ask('icmp-port-unreachable'))).toBeGreaterThan(3);
  });

  it('frees what it does not keep', () => {
    const drops = ask('icmp-port-unreachable').events.filter(
      (e) => e.kind === 'drop' && e.site.netns === 'server',
    );
    expect(drops.map((e) => e.kind === 'drop' && [e.detail.at, e.detail.fatal])).toContainEqual([
      'tcp_v4_rcv',
      false,
    ]);
  });
});
