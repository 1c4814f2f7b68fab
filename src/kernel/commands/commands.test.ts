// Commands between flows, told by what the next flow meets. Two hosts on one cable, and a pod behind a bridge of the second.
import { describe, expect, it } from 'vitest';
import type { FlowResult, LinuxNetwork, StepSpec } from '../../network/types.ts';
import { runFlows } from '../run.ts';

const NETWORK: LinuxNetwork = {
  namespaces: [
    {
      name: 'a',
      kind: 'host',
      sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
      devices: [
        { name: 'eth0', type: 'veth', mac: '02:00:00:00:00:0a', peer: { ns: 'b', dev: 'eth0' }, addresses: ['10.0.0.1/24'] },
      ],
      routes: [{ dst: '10.1.0.0/24', via: '10.0.0.2' }],
    },
    {
      name: 'b',
      kind: 'node',
      sysctls: { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.disable_ipv6': '1' },
      devices: [
        { name: 'eth0', type: 'veth', mac: '02:00:00:00:00:0b', peer: { ns: 'a', dev: 'eth0' }, addresses: ['10.0.0.2/24'] },
        { name: 'cni0', type: 'bridge', mac: '02:00:00:00:01:01', addresses: ['10.1.0.1/24'] },
        { name: 'veth1', type: 'veth', mac: '02:00:00:00:01:02', peer: { ns: 'pod', dev: 'eth0' }, master: 'cni0', mtu: 1400 },
      ],
    },
    {
      name: 'pod',
      kind: 'pod',
      sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
      devices: [
        { name: 'eth0', type: 'veth', mac: '02:00:00:00:02:01', peer: { ns: 'b', dev: 'veth1' }, addresses: ['10.1.0.5/24'], mtu: 1400 },
      ],
      routes: [{ dst: 'default', via: '10.1.0.1' }],
      listeners: [{ proto: 'tcp', port: 80, name: 'web' }],
    },
  ],
}; // prettier-ignore

const OK: FlowResult = { result: 'ok' };
const TIMEOUT: FlowResult = { result: 'error', error: 'timeout' };
const ping = (id: string, bytes = 56): StepSpec => ({
  do: 'flow', id, proto: 'icmp', ns: 'a', dst: '10.1.0.5', request_bytes: bytes, pmtudisc: 2,
}); // prettier-ignore

function pingAfter(ns: string, cmd: string, bytes = 56): { readonly result: FlowResult; readonly said: readonly string[] } {
  const steps: StepSpec[] = [ping('before'), { do: 'exec', ns, cmd }, ping('after', bytes)];
  const { results, trace } = runFlows({ network: NETWORK, steps, seed: 1 });
  expect(results[0]?.[0]).toMatchObject(OK);
  return { result: results[2]![0]!, said: trace.diagnostics.map((d) => d.reason) };
} // prettier-ignore

describe('commands', () => {
  it.each<readonly [string, string, Partial<FlowResult>]>([
    ['b', 'ip link set veth1 down', TIMEOUT],
    ['b', 'ip link set veth1 down; ip link set veth1 up', OK],
    ['pod', 'ip link set dev eth0 down', TIMEOUT],
    // The default route is not put back with the link.
    ['pod', 'ip link set eth0 down && ip link set eth0 up', TIMEOUT],
    ['pod', 'ip link set eth0 down; ip link set eth0 up; ip route add default via 10.1.0.1', OK],
    ['pod', 'ip link set eth0 address 02:00:00:00:02:99', TIMEOUT],
    ['b', 'ip neigh flush dev cni0; ip neigh flush dev cni0', OK],
    ['b', 'ip neigh replace 10.1.0.5 lladdr 02:00:00:00:02:99 dev cni0 nud permanent', TIMEOUT],
    ['a', 'ip route del 10.1.0.0/24', { error: 'ENETUNREACH' }],
    ['a', 'ip route replace unreachable 10.1.0.0/24', { error: 'EHOSTUNREACH' }],
    ['a', 'ip r add 10.1.0.5/32 dev eth0', TIMEOUT],
    [
      'a',
      'ip rule add to 10.1.0.5 lookup 7 && ip route add table 7 prohibit default',
      { error: 'EACCES' },
    ],
    ['a', 'ip addr del 10.0.0.1/24 dev eth0', { error: 'ENETUNREACH' }],
    ['b', 'ip addr flush dev cni0', { result: 'icmp-error', icmp_type: 3, icmp_code: 0 }],
    ['b', 'sysctl -w net.ipv4.ip_forward=0', TIMEOUT],
    ['b', 'echo 0 > /proc/sys/net/ipv4/ip_forward', TIMEOUT],
    ['b', 'iptables -A FORWARD -p icmp -j DROP', TIMEOUT],
    ['b', 'iptables -P FORWARD DROP; iptables -I FORWARD -j ACCEPT', OK],
    ['b', "iptables-restore <<'E'\n*filter\n:FORWARD DROP [0:0]\nCOMMIT\nE", TIMEOUT],
    ['b', 'bridge link set dev veth1 isolated on', OK],
  ])('in %s, `%s`', (ns, cmd, expected) => {
    const { result, said } = pingAfter(ns, cmd);
    expect(said).toEqual([]);
    expect(result).toMatchObject(expected);
  });

  it('follows an MTU that is lowered', () => {
    expect(pingAfter('a', 'ip link set eth0 mtu 1200', 1300).result).toMatchObject({
      error: 'EMSGSIZE',
    });
  });

  it('has a bridge no larger than its smallest port', () => {
    expect(pingAfter('a', 'true', 1400).result).toMatchObject({ icmp_type: 3, icmp_code: 4 });
  });

  it.each([
    ['tc qdisc add dev eth0 root netem', 'not modelled'],
    ['ip link set nothere up', 'Cannot find device'],
    ['ip route add 10.1.0.0/24 via 10.0.0.2', 'File exists'],
    ['bridge fdb add 02:00:00:00:00:99 dev eth0', 'not supported'],
  ])('names what `%s` could not do', (cmd, said) => {
    expect(pingAfter('a', cmd).said.join().toLowerCase()).toContain(said.toLowerCase());
  });

  it('records the rows that it changes', () => {
    const steps: StepSpec[] = [{ do: 'exec', ns: 'b', cmd: 'ip link set veth1 down' }];
    const { trace } = runFlows({ network: NETWORK, steps, seed: 1 });
    const event = trace.events.find((e) => e.kind === 'command');
    expect(event?.writes).toContainEqual(
      expect.objectContaining({ netns: 'b', table: 'device', key: 'veth1' }),
    );
  });
});
