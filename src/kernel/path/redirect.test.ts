// A router with one leg: a host sends to it what its neighbour could have had at once (RFC 792, redirect).
import { describe, expect, it } from 'vitest';
import type { LinuxNetwork, NamespaceSpec, StepSpec } from '../../network/types.ts';
import type { Trace } from '../../trace/types.ts';
import { run } from '../run.ts';

const OFF = { 'net.ipv6.conf.all.disable_ipv6': '1' };
const host = (n: number, more: Partial<NamespaceSpec> = {}): NamespaceSpec => ({
  name: `h${n}`,
  kind: 'host',
  sysctls: { ...OFF, ...more.sysctls },
  devices: [
    {
      name: 'eth0',
      type: 'veth',
      mac: `02:00:00:00:00:0${n}`,
      peer: { ns: 'sw', dev: `p${n}` },
      addresses: [`10.0.0.${n}/24`, ...(n === 3 ? ['10.9.9.9/32'] : [])],
    },
  ],
  ...(more.routes === undefined ? {} : { routes: more.routes }),
});
function network(sender: Record<string, string>, router: Record<string, string>): LinuxNetwork {
  const port = (n: number) => ({
    name: `p${n}`,
    type: 'veth' as const,
    mac: `02:00:00:00:01:0${n}`,
    peer: { ns: `h${n}`, dev: 'eth0' },
    master: 'br0',
  });
  return {
    namespaces: [
      host(1, { sysctls: sender, routes: [{ dst: '10.9.9.9/32', via: '10.0.0.2' }] }),
      host(2, {
        sysctls: { 'net.ipv4.ip_forward': '1', ...router },
        routes: [{ dst: '10.9.9.9/32', via: '10.0.0.3' }],
      }),
      host(3),
      {
        name: 'sw',
        kind: 'switch',
        sysctls: OFF,
        devices: [
          { name: 'br0', type: 'bridge', mac: '02:00:00:00:01:00' },
          port(1),
          port(2),
          port(3),
        ],
      },
    ],
  };
}

const ping = (id: string): StepSpec => ({
  do: 'flow',
  id,
  proto: 'icmp',
  ns: 'h1',
  dst: '10.9.9.9',
});
const sent = (trace: Trace, netns: string, what: string): number =>
  trace.events.filter(
    (e) => e.kind === 'kernel.send' && e.site.netns === netns && e.detail.what === what,
  ).length;
const forwarded = (trace: Trace): number =>
  trace.events.filter((e) => e.kind === 'ip.forward' && e.site.netns === 'h2').length;

describe('ICMP redirect', () => {
  it('is believed once the better neighbour is known', () => {
    // The first redirect only asks for the neighbour, the second counts, the third ping goes straight.
    const trace = run({ network: network({}, {}), steps: ['a', 'b', 'c'].map(ping), seed: 1 });
    expect([sent(trace, 'h2', 'ICMP redirect'), forwarded(trace)]).toEqual([2, 2]);
  });

  it.each([
    ['the sender accepts none', { 'net.ipv4.conf.all.accept_redirects': '0', 'net.ipv4.conf.eth0.accept_redirects': '0' }, {}, 3],
    ['the sender is a router itself', { 'net.ipv4.ip_forward': '1' }, {}, 3],
    ['the router sends none', {}, { 'net.ipv4.conf.all.send_redirects': '0', 'net.ipv4.conf.eth0.send_redirects': '0' }, 0],
  ])('changes nothing where %s', (_, sender, router, redirects) => {
    const steps = ['a', 'b', 'c'].map(ping);
    const trace = run({ network: network(sender, router), steps, seed: 1 });
    expect([sent(trace, 'h2', 'ICMP redirect'), forwarded(trace)]).toEqual([redirects, 3]);
  }); // prettier-ignore

  it('uses up what the peer may be sent of errors (inet_peer)', () => {
    const refusing = (send: string): LinuxNetwork => {
      const all = network({}, { 'net.ipv4.conf.all.send_redirects': send, 'net.ipv4.conf.eth0.send_redirects': send });
      const rule = '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j REJECT --reject-with icmp-host-unreachable\nCOMMIT\n';
      return { namespaces: all.namespaces.map((ns) => (ns.name === 'h2' ? { ...ns, iptables: { ipv4: rule } } : ns)) };
    };
    const told = (send: string): readonly number[] => {
      const trace = run({ network: refusing(send), steps: [ping('a')], seed: 1 });
      return [sent(trace, 'h2', 'ICMP redirect'), sent(trace, 'h2', 'ICMP host unreachable')];
    };
    expect([told('1'), told('0')]).toEqual([[1, 0], [0, 1]]);
  }); // prettier-ignore

  it('is not heard by TCP while a process holds the socket', () => {
    const get: StepSpec = {
      do: 'flow',
      id: 'get',
      proto: 'tcp',
      ns: 'h1',
      dst: '10.9.9.9',
      dport: 80,
    };
    const trace = run({ network: network({}, {}), steps: [get], seed: 1 });
    const fates = trace.packets.map((p) => (p.fate.kind === 'consumed' ? p.fate.by : ''));
    expect(fates.filter((by) => by.includes('in use'))).toHaveLength(1);
  });

  it('is sent less and less often to who does not listen', () => {
    const burst: StepSpec = {
      do: 'flow',
      id: 'burst',
      stagger_ms: 10,
      parallel: Array.from({ length: 20 }, (_, i) => ({ id: `p${i}`, proto: 'icmp', ns: 'h1', dst: '10.9.9.9', icmp_id: i + 1 })),
    }; // prettier-ignore
    const sender = { 'net.ipv4.ip_forward': '1' };
    const trace = run({ network: network(sender, {}), steps: [burst], seed: 1 });
    // At 0, after 40 ms and after 80 ms more.
    expect(sent(trace, 'h2', 'ICMP redirect')).toBe(3);
  });
});
