// Neighbour discovery for others (proxy_ndp; ndisc_recv_ns). The expectations were taken from Linux 6.18.
import { describe, expect, it } from 'vitest';
import type { LinuxNetwork } from '../../network/types.ts';
import type { Trace } from '../../trace/types.ts';
import { run } from '../run.ts';

/** fd01::9 is behind the router, but its neighbours believe it to be on their link. */
function network(proxy: string): LinuxNetwork {
  const end = (dev: string, mac: number, ns: string, peer: string, addresses: string[]) => ({
    name: dev,
    type: 'veth' as const,
    mac: `02:00:00:00:00:0${mac}`,
    peer: { ns, dev: peer },
    addresses,
  });
  return {
    namespaces: [
      { name: 'c', kind: 'host', devices: [end('eth0', 1, 'r', 'eth0', ['fd01::2/64'])] },
      {
        name: 'r',
        kind: 'router',
        sysctls: {
          'net.ipv6.conf.all.forwarding': '1',
          'net.ipv6.conf.eth0.proxy_ndp': proxy,
          'net.ipv6.neigh.eth0.proxy_delay': '0',
        },
        devices: [
          end('eth0', 2, 'c', 'eth0', ['fd01::1/64']),
          end('eth1', 3, 's', 'eth0', ['fd02::1/64']),
        ],
        routes: [{ dst: 'fd01::9/128', dev: 'eth1' }],
        neigh: [{ ip: 'fd01::9', dev: 'eth0', proxy: true }],
      },
      {
        name: 's',
        kind: 'host',
        devices: [end('eth0', 4, 'r', 'eth1', ['fd02::2/64', 'fd01::9/128'])],
        routes: [{ dst: 'default', via: 'fd02::1', dev: 'eth0' }],
      },
    ],
  };
}

const ping = (proxy: string): Trace =>
  run({
    network: network(proxy),
    steps: [{ do: 'flow', id: 'a', proto: 'icmp', ns: 'c', dst: 'fd01::9' }],
    seed: 1,
  });

describe('proxy_ndp', () => {
  it('answers for the neighbour entry that says so, by another address and not as a router', () => {
    const advert = ping('1').packets.find((p) =>
      p.revisions[0]?.layers.some(
        (l) => l.kind === 'icmpv6' && l.header.body.kind === 'neighbourAdvertisement',
      ),
    );
    const icmp = advert?.revisions[0]?.layers.find((l) => l.kind === 'icmpv6');
    expect(icmp?.kind === 'icmpv6' && icmp.header.body).toMatchObject({
      router: false,
      solicited: true,
      override: false,
    });
  });

  it('is off unless somebody turned it on', () => {
    const sends = ping('0').events.filter((e) => e.kind === 'kernel.send' && e.site.netns === 'r');
    expect(sends).toEqual([]);
  });
});
