// The topology and first tables of the sample trace: two nodes on one switch, flannel VXLAN between them, one pod on each.
// Names and addresses are those that flannel and the bridge CNI plug-in choose (flannel Documentation/backends.md).
import type { Origin } from '../network/types.ts';
import type { TableWrite, Topology, TopologyDevice, TopologyNamespace } from '../trace/types.ts';

export const MAC = {
  client: '0a:58:0a:f4:01:05',
  vethA: '6e:11:5a:00:0a:05',
  cniA: '0a:58:0a:f4:01:01',
  vtepA: 'c2:6f:00:00:0a:01',
  nicA: '52:54:00:0a:00:0b',
  nicB: '52:54:00:0a:00:0c',
  vtepB: 'c2:6f:00:00:0b:01',
  cniB: '0a:58:0a:f4:02:01',
  vethB: '6e:11:5a:00:0b:07',
  server: '0a:58:0a:f4:02:07',
} as const;

export const IP = {
  client: '10.244.1.5',
  gwA: '10.244.1.1',
  vtepA: '10.244.1.0',
  nodeA: '192.168.1.11',
  nodeB: '192.168.1.12',
  vtepB: '10.244.2.0',
  gwB: '10.244.2.1',
  server: '10.244.2.7',
  service: '10.96.0.20',
} as const;

const by = (component: string, object: string | null, command: string | null = null): Origin => ({
  component,
  object,
  command,
});

const device = (
  index: number,
  name: string,
  type: string,
  mac: string | null,
  more: Partial<TopologyDevice> = {},
): TopologyDevice => ({
  name,
  type,
  index,
  mac,
  mtu: 1450,
  master: null,
  peer: null,
  addresses: [],
  origin: null,
  ...more,
});

const pod = (name: string, host: string, veth: string, mac: string, ip: string, process: string) =>
  ({
    name,
    kind: 'pod',
    label: `Pod default/${name}`,
    host,
    devices: [
      device(1, 'lo', 'loopback', null, { mtu: 65536, addresses: ['127.0.0.1/8'] }),
      device(2, 'eth0', 'veth', mac, {
        peer: { netns: host, dev: veth },
        addresses: [`${ip}/24`],
        origin: by('bridge CNI plug-in', `Pod default/${name}`),
      }),
    ],
    processes: [process],
    origin: by('containerd', `Pod default/${name}`),
  }) satisfies TopologyNamespace;

const node = (
  name: string,
  pods: readonly { veth: string; mac: string; pod: string }[],
  ips: { nic: string; cni: string; vtep: string },
  macs: { nic: string; cni: string; vtep: string },
  port: string,
): TopologyNamespace => ({
  name,
  kind: 'node',
  label: name,
  host: null,
  devices: [
    device(1, 'lo', 'loopback', null, { mtu: 65536, addresses: ['127.0.0.1/8'] }),
    device(2, 'eth0', 'veth', macs.nic, {
      mtu: 1500,
      peer: { netns: 'lan', dev: port },
      addresses: [`${ips.nic}/24`],
    }),
    device(3, 'cni0', 'bridge', macs.cni, { addresses: [`${ips.cni}/24`] }),
    device(4, 'flannel.1', 'vxlan', macs.vtep, {
      addresses: [`${ips.vtep}/32`],
      origin: by('flannel', null, 'ip link add flannel.1 type vxlan id 1 dev eth0 dstport 8472'),
    }),
    ...pods.map((p, i) =>
      device(5 + i, p.veth, 'veth', p.mac, {
        master: 'cni0',
        peer: { netns: p.pod, dev: 'eth0' },
        origin: by('bridge CNI plug-in', `Pod default/${p.pod}`),
      }),
    ),
  ],
  processes: [],
  origin: null,
});

export const sampleTopology: Topology = {
  namespaces: [
    node(
      'node-a',
      [
        { veth: 'veth3a1c', mac: MAC.vethA, pod: 'client' },
        { veth: 'veth77d0', mac: '6e:11:5a:00:0a:06', pod: 'other' },
      ],
      { nic: IP.nodeA, cni: IP.gwA, vtep: IP.vtepA },
      { nic: MAC.nicA, cni: MAC.cniA, vtep: MAC.vtepA },
      'port1',
    ),
    node(
      'node-b',
      [{ veth: 'veth9f2e', mac: MAC.vethB, pod: 'web' }],
      { nic: IP.nodeB, cni: IP.gwB, vtep: IP.vtepB },
      { nic: MAC.nicB, cni: MAC.cniB, vtep: MAC.vtepB },
      'port2',
    ),
    {
      name: 'lan',
      kind: 'switch',
      label: 'Ethernet switch',
      host: null,
      devices: [
        device(1, 'br0', 'bridge', null, { mtu: 1500 }),
        device(2, 'port1', 'veth', null, {
          mtu: 1500,
          master: 'br0',
          peer: { netns: 'node-a', dev: 'eth0' },
        }),
        device(3, 'port2', 'veth', null, {
          mtu: 1500,
          master: 'br0',
          peer: { netns: 'node-b', dev: 'eth0' },
        }),
      ],
      processes: [],
      origin: null,
    },
    pod('client', 'node-a', 'veth3a1c', MAC.client, IP.client, 'curl'),
    pod('other', 'node-a', 'veth77d0', '0a:58:0a:f4:01:06', '10.244.1.6', 'sleep'),
    pod('web', 'node-b', 'veth9f2e', MAC.server, IP.server, 'nginx'),
  ],
};

export const flannel = by('flannel', 'Node node-b', 'ip neigh replace 10.244.2.0 nud permanent');
export const flannelFdb = by('flannel', 'Node node-b', 'bridge fdb append dst 192.168.1.12');

export const sampleTables: readonly TableWrite[] = [
  {
    netns: 'node-a',
    table: 'neigh',
    key: 'flannel.1 10.244.2.0',
    before: null,
    after: { ip: IP.vtepB, dev: 'flannel.1', mac: MAC.vtepB, state: 'PERMANENT' },
  },
  {
    netns: 'node-b',
    table: 'neigh',
    key: 'flannel.1 10.244.1.0',
    before: null,
    after: { ip: IP.vtepA, dev: 'flannel.1', mac: MAC.vtepA, state: 'PERMANENT' },
  },
];
