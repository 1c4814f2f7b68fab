// IP in IP between two machines: the device has no link header, so nobody is asked for a hardware address on it (neigh_direct_output),
// and the next hop of a route by tunl0 is the far end.
import { expect, it } from 'vitest';
import type { LinuxNetwork, NamespaceSpec } from '../../network/types.ts';
import { runFlows } from '../run.ts';

const machine = (name: string, last: number, other: number): NamespaceSpec => ({
  name,
  kind: 'node',
  devices: [
    { name: 'lo', type: 'loopback' },
    {
      name: 'eth0',
      type: 'veth',
      mac: `02:00:00:00:00:0${last}`,
      addresses: [`192.168.1.${last}/24`],
      peer: { ns: last === 1 ? 'b' : 'a', dev: 'eth0' },
    },
    { name: 'tunl0', type: 'ipip', mtu: 1480, ipip: {}, addresses: [`10.244.${last}.0/32`] },
  ],
  routes: [{ dst: `10.244.${other}.0/26`, via: `192.168.1.${other}`, dev: 'tunl0', onlink: true }],
  listeners: [{ proto: 'tcp', addr: '0.0.0.0', port: 80, name }],
});
const network: LinuxNetwork = { namespaces: [machine('a', 1, 2), machine('b', 2, 1)] };

it('carries packets to the next hop of the route, without ARP on the tunnel', () => {
  const { results, trace } = runFlows({
    network,
    steps: [{ do: 'flow', id: 'f', proto: 'tcp', ns: 'a', dst: '10.244.2.0', dport: 80 }],
    seed: 1,
  });
  expect(results[0]?.[0]).toMatchObject({ result: 'ok', served_by: 'b' });
  const tunnels = trace.events.filter((event) => event.kind === 'tunnel.encap');
  expect(tunnels[0]?.detail).toMatchObject({ kind: 'ipip', remote: '192.168.1.2' });
  const lookups = trace.events.filter((event) => event.kind === 'neigh.lookup');
  expect(lookups.length).toBeGreaterThan(0);
  expect(lookups.filter((event) => event.site.dev === 'tunl0')).toEqual([]);
});
