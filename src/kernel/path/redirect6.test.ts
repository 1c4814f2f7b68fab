// A router with one leg, in IPv6 (RFC 4861 section 8). The expectations were taken from Linux 6.18 in namespaces.
import { describe, expect, it } from 'vitest';
import type { LinuxNetwork, NamespaceSpec, StepSpec } from '../../network/types.ts';
import type { Trace } from '../../trace/types.ts';
import { run } from '../run.ts';

const host = (n: number, more: Partial<NamespaceSpec> = {}): NamespaceSpec => ({
  name: `h${n}`,
  kind: 'host',
  listeners:
    n === 3 ? [{ proto: 'tcp', addr: '::', port: 80, name: 'h3', response_bytes: 300 }] : [],
  ...more,
  devices: [
    {
      name: 'eth0',
      type: 'veth',
      mac: `02:00:00:00:00:0${n}`,
      peer: { ns: 'sw', dev: `p${n}` },
      addresses: [`fd01::${n}/64`],
    },
  ],
});

/** h1 sends to h3 through h2, which is a router on the same link. */
function network(via: string, sender: Record<string, string> = {}, rule = ''): LinuxNetwork {
  const port = (n: number) => ({
    name: `p${n}`,
    type: 'veth' as const,
    mac: `02:00:00:00:01:0${n}`,
    peer: { ns: `h${n}`, dev: 'eth0' },
    master: 'br0',
  });
  return {
    namespaces: [
      host(1, { sysctls: sender, routes: [{ dst: 'fd01::3/128', via, dev: 'eth0' }] }),
      host(2, {
        sysctls: { 'net.ipv6.conf.all.forwarding': '1' },
        iptables: { ipv6: `*filter\n:OUTPUT ACCEPT [0:0]\n${rule}\nCOMMIT\n` },
      }),
      host(3),
      {
        name: 'sw',
        kind: 'switch',
        sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
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
  dst: 'fd01::3',
});
const get: StepSpec = { do: 'flow', id: 'get', proto: 'tcp', ns: 'h1', dst: 'fd01::3', dport: 80 };

const redirects = (trace: Trace): number =>
  trace.events.filter((e) => e.kind === 'kernel.send' && e.detail.what === 'ICMPv6 redirect')
    .length;
const forwarded = (trace: Trace): number =>
  trace.events.filter((e) => e.kind === 'ip.forward' && e.site.netns === 'h2').length;
const told = (network_: LinuxNetwork, steps: readonly StepSpec[]): readonly number[] => {
  const trace = run({ network: network_, steps, seed: 1 });
  return [redirects(trace), forwarded(trace)];
};

const ROUTER = 'fe80::ff:fe00:2';

describe('ICMPv6 redirect', () => {
  it('is believed at once: the target is on the link, and the message tells its MAC address', () => {
    expect(told(network(ROUTER), ['a', 'b'].map(ping))).toEqual([1, 1]);
  });

  it('is not believed for a ping where the route names the router by another address', () => {
    expect(told(network('fd01::2'), ['a', 'b'].map(ping))).toEqual([2, 2]);
  });

  it('is believed by TCP all the same, but not while connect() holds the socket', () => {
    // Whatever leaves inside connect() and send() finds the socket in use; the last acknowledgement does not.
    expect(told(network('fd01::2'), [get, { ...get, id: 'again' }])).toEqual([4, 4]);
  });

  it.each([
    ['the sender accepts none', { 'net.ipv6.conf.all.accept_redirects': '0', 'net.ipv6.conf.default.accept_redirects': '0' }],
    ['the sender is a router itself', { 'net.ipv6.conf.all.forwarding': '1' }],
  ])('changes nothing where %s', (_, sender) => {
    expect(told(network(ROUTER, sender), ['a', 'b'].map(ping))).toEqual([2, 2]);
  }); // prettier-ignore

  it.each([
    ['INVALID', 2],
    ['RELATED', 1],
  ])('with OUTPUT dropping %s packets is sent %i times', (state, times) => {
    const drop = `-A OUTPUT -m conntrack --ctstate ${state} -j DROP`;
    expect(told(network(ROUTER, {}, drop), ['a', 'b'].map(ping))).toEqual([times, times]);
  });
});

describe('a neighbour solicitation', () => {
  it('for the address of somebody else is a drop: both joined the same solicited-node group', () => {
    // fd02::3 of h2 has the group of fd01::3 (RFC 4291 section 2.7.1), and the switch floods.
    const base = network('fd01::2');
    const namespaces = base.namespaces.map((ns) =>
      ns.name !== 'h2'
        ? ns
        : {
            ...ns,
            devices: ns.devices.map((dev) => ({ ...dev, addresses: ['fd01::2/64', 'fd02::3/64'] })),
          },
    );
    const sender = { ...namespaces[0]!, routes: [] };
    const steps = [ping('a')];
    const trace = run({
      network: { namespaces: [sender, ...namespaces.slice(1)] },
      steps,
      seed: 1,
    });
    const reasons = trace.events.flatMap((e) =>
      e.kind === 'drop' && e.site.netns === 'h2' ? [e.detail.reason] : [],
    );
    expect(reasons).toContain('IPV6_NDISC_NS_OTHERHOST');
  });
});
