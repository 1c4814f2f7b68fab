// What may be wrong or unusual in a cluster. To add one: a line in FAULTS; it changes the draft, or returns false where it does not apply.
import type { Cluster, Node } from './cluster.ts';
import type { Draw } from './draw.ts';
import { deviceOf, namespaceOf } from './draft.ts';
import type { NsDraft } from './draft.ts';
import { append, prepend, tableOf } from './tables.ts';
import type { TableName, Tables } from './tables.ts';

type Fault = (cluster: Cluster, draw: Draw) => boolean;

const anyNode = ({ nodes }: Cluster, draw: Draw): Node => draw.pick([nodes[0], nodes[1]]);
const tablesOf = ({ plan }: Cluster, ns: NsDraft): Tables => ns.tables[plan.v6 ? 'ipv6' : 'ipv4'];

/** A rule on a node, in front or at the end. */
const rule =
  (
    table: TableName,
    text: string | ((cluster: Cluster, draw: Draw) => string),
    at: 'first' | 'last',
  ): Fault =>
  (cluster, draw) => {
    const tables = tablesOf(cluster, anyNode(cluster, draw).ns);
    const line = typeof text === 'string' ? text : text(cluster, draw);
    if (at === 'first') prepend(tables, table, line);
    else append(tables, table, line);
    return true;
  };

const only4 =
  (fault: Fault): Fault =>
  (cluster, draw) =>
    !cluster.plan.v6 && fault(cluster, draw);

const reject = ({ plan }: Cluster, draw: Draw): string =>
  plan.v6
    ? draw.pick([
        'icmp6-no-route',
        'icmp6-adm-prohibited',
        'icmp6-addr-unreachable',
        'icmp6-port-unreachable',
      ])
    : draw.pick([
        'icmp-net-unreachable',
        'icmp-host-unreachable',
        'icmp-port-unreachable',
        'icmp-admin-prohibited',
      ]);

const routeFault =
  (type: string): Fault =>
  (cluster, draw) => {
    const { ns, index } = anyNode(cluster, draw);
    const other = cluster.nodes[index === 1 ? 1 : 0];
    const at = ns.routes.findIndex(({ dst }) => dst === other.podRange);
    if (at < 0) return false;
    ns.routes[at] = { dst: other.podRange, type };
    return true;
  };

const routerMtu =
  (mtu: number): Fault =>
  ({ router, draft, plan }) => {
    if (!plan.split) return false;
    const inside = deviceOf(router, 'eth1');
    const outside = deviceOf(namespaceOf(draft, 'sw-2'), 'p-router-eth1');
    if (inside === undefined || outside === undefined) return false;
    inside.mtu = mtu;
    outside.mtu = mtu;
    return true;
  };

const sysctl =
  (key: string, value: string, where: 'node' | 'router' = 'node'): Fault =>
  (cluster, draw) => {
    const ns = where === 'node' ? anyNode(cluster, draw).ns : cluster.router;
    ns.sysctls[key] = value;
    return true;
  };

export const FAULTS: Readonly<Record<string, Fault>> = {
  'FORWARD policy DROP': (cluster, draw) => {
    tableOf(tablesOf(cluster, anyNode(cluster, draw).ns), 'filter').chains.set('FORWARD', 'DROP');
    return true;
  },
  'DROP to 8080': rule('filter', 'FORWARD -p tcp -m tcp --dport 8080 -j DROP', 'first'),
  'DROP on INPUT': rule(
    'filter',
    (_, draw) => `INPUT -p ${draw.pick(['tcp', 'udp'])} -j DROP`,
    'first',
  ),
  'DROP on OUTPUT': rule('filter', 'OUTPUT -p tcp -m multiport --dports 80,8080 -j DROP', 'first'),
  'REJECT in FORWARD': rule(
    'filter',
    (c, draw) => `FORWARD -m state --state NEW -j REJECT --reject-with ${reject(c, draw)}`,
    'first',
  ),
  'REJECT with reset': rule(
    'filter',
    'FORWARD -p tcp -m tcp --dport 8080 -j REJECT --reject-with tcp-reset',
    'first',
  ),
  'REJECT on INPUT': rule(
    'filter',
    (c, draw) => `INPUT -m conntrack --ctstate NEW -j REJECT --reject-with ${reject(c, draw)}`,
    'first',
  ),
  'replies are dropped': rule('filter', 'FORWARD -m conntrack --ctdir REPLY -j DROP', 'first'),
  'large packets are dropped': rule(
    'filter',
    'FORWARD -m length --length 1000:65535 -j DROP',
    'first',
  ),
  'a source range is dropped': only4(
    rule('filter', 'FORWARD -m iprange --src-range 10.244.1.11-10.244.2.10 -j DROP', 'first'),
  ),
  'physdev is dropped': only4(
    rule('filter', 'FORWARD -m physdev --physdev-in veth-pod-b -j DROP', 'first'),
  ),
  'not tracked': rule(
    'raw',
    (_, draw) => `PREROUTING -p ${draw.pick(['tcp', 'udp'])} -j CT --notrack`,
    'last',
  ),
  'the MSS is clamped': rule(
    'mangle',
    'FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1000',
    'last',
  ),
  'connections are marked': rule(
    'mangle',
    'PREROUTING -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x10/0x10',
    'last',
  ),
  'TTL is set': only4(
    rule(
      'mangle',
      (_, draw) => `PREROUTING -j TTL --ttl-set ${draw.pick(['1', '2', '9'])}`,
      'last',
    ),
  ),
  'ports are redirected': rule(
    'nat',
    'PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080',
    'first',
  ),
  'everything is masqueraded': rule('nat', 'POSTROUTING -j MASQUERADE', 'last'),
  'pods are masqueraded to the outside': (cluster) => {
    if (cluster.plan.cni === 'aws') return false;
    const range = cluster.plan.v6 ? 'fd00:10:244::/48' : '10.244.0.0/16';
    for (const { ns } of cluster.nodes)
      append(tablesOf(cluster, ns), 'nat', `POSTROUTING -s ${range} ! -d ${range} -j MASQUERADE`);
    return true;
  },
  'a source is fixed': only4((cluster, draw) => {
    const node = anyNode(cluster, draw);
    append(
      node.ns.tables.ipv4,
      'nat',
      `POSTROUTING -o eth0 -p tcp -j SNAT --to-source ${node.ip}:50000-50009`,
    );
    return true;
  }),
  'the router masquerades': (cluster) => {
    append(tablesOf(cluster, cluster.router), 'nat', 'POSTROUTING -o eth9 -j MASQUERADE');
    return true;
  },
  'a set allows one pod': (cluster, draw) => {
    const [node, family] = [anyNode(cluster, draw), cluster.plan.v6 ? 'inet6' : 'inet'];
    const allowed = draw.pick(['pod-a', 'pod-b', 'pod-c']);
    const entry = cluster.nodes
      .flatMap(({ pods }) => pods)
      .find(({ name }) => name === allowed)!.ip;
    node.ns.ipsets.push({ name: 'allowed', type: 'hash:ip', family, entries: [entry] });
    prepend(
      tablesOf(cluster, node.ns),
      'filter',
      'FORWARD -m set ! --match-set allowed src -m conntrack --ctstate NEW -j DROP',
    );
    return true;
  },
  'no way to the other pods': (cluster, draw) => {
    const { ns, index } = anyNode(cluster, draw);
    const other = cluster.nodes[index === 1 ? 1 : 0];
    const at = ns.routes.findIndex(({ dst }) => dst === other.podRange);
    if (at >= 0) ns.routes.splice(at, 1);
    return at >= 0;
  },
  'no default route': (cluster, draw) => {
    const { ns } = anyNode(cluster, draw);
    const at = ns.routes.findIndex(({ dst }) => dst === 'default');
    ns.routes.splice(at, 1);
    return true;
  },
  'blackhole to the other pods': routeFault('blackhole'),
  'unreachable to the other pods': routeFault('unreachable'),
  'prohibit to the other pods': routeFault('prohibit'),
  'a dead next hop': (cluster, draw) => {
    const { ns, index } = anyNode(cluster, draw);
    const other = cluster.nodes[index === 1 ? 1 : 0];
    const route = ns.routes.find(({ dst, dev }) => dst === other.podRange && dev === 'eth0');
    if (route === undefined || cluster.plan.v6) return false;
    route.via = '192.168.1.99';
    return true;
  },
  'a wrong neighbour': (cluster, draw) => {
    const node = anyNode(cluster, draw);
    const pod = node.pods[0]!;
    if (cluster.plan.cni !== 'bridge') return false;
    node.ns.neigh.push({ ip: pod.ip, dev: 'cni0', mac: '02:00:00:00:ff:01', state: 'permanent' });
    return true;
  },
  'a stale neighbour': (cluster, draw) => {
    const node = anyNode(cluster, draw);
    if (cluster.plan.cni !== 'bridge') return false;
    const pod = node.pods[0]!;
    const mac = deviceOf(namespaceOf(cluster.draft, pod.name), 'eth0')?.mac ?? '';
    node.ns.neigh.push({ ip: pod.ip, dev: 'cni0', mac, state: 'stale' });
    return true;
  },
  'the FDB points elsewhere': ({ nodes, plan, client }) => {
    if (plan.mesh !== 'vxlan') return false;
    nodes[0].ns.fdb[0]!.dst = client;
    return true;
  },
  'no FDB entry': ({ nodes, plan }) => {
    if (plan.mesh !== 'vxlan') return false;
    nodes[0].ns.fdb.length = 0;
    return true;
  },
  'another VNI': ({ nodes, plan }) => {
    const device = deviceOf(nodes[1].ns, 'vx0');
    if (plan.mesh !== 'vxlan' || device?.vxlan === undefined) return false;
    device.vxlan = { ...device.vxlan, vni: 7 };
    return true;
  },
  'node without forwarding': (cluster, draw) => {
    const { ns } = anyNode(cluster, draw);
    delete ns.sysctls['net.ipv6.conf.all.forwarding'];
    delete ns.sysctls['net.ipv4.ip_forward'];
    return true;
  },
  'strict rp_filter': only4(sysctl('net.ipv4.conf.all.rp_filter', '1')),
  'loose rp_filter': only4(sysctl('net.ipv4.conf.all.rp_filter', '2')),
  'the router filters reverse paths': only4(sysctl('net.ipv4.conf.all.rp_filter', '1', 'router')),
  'no loose tracking': sysctl('net.netfilter.nf_conntrack_tcp_loose', '0'),
  'liberal tracking': sysctl('net.netfilter.nf_conntrack_tcp_be_liberal', '1'),
  'arp_ignore and arp_announce': only4((cluster, draw) => {
    const { sysctls } = anyNode(cluster, draw).ns;
    sysctls['net.ipv4.conf.all.arp_ignore'] = '1';
    sysctls['net.ipv4.conf.all.arp_announce'] = '2';
    return true;
  }),
  'no redirects': only4((cluster) => {
    cluster.router.sysctls['net.ipv4.conf.all.send_redirects'] = '0';
    cluster.router.sysctls['net.ipv4.conf.default.send_redirects'] = '0';
    return true;
  }),
  'the router has a small MTU': routerMtu(1400),
  'the router has a tiny MTU': routerMtu(1280),
  'proxy ARP on the router': only4((cluster) => {
    cluster.router.sysctls['net.ipv4.conf.eth0.proxy_arp'] = '1';
    cluster.router.sysctls['net.ipv4.neigh.eth0.proxy_delay'] = '0';
    return true;
  }),
  'rules by source': only4((cluster, draw) => {
    const node = anyNode(cluster, draw);
    const pod = draw.pick([node.pods[0]!, node.pods[1]!]);
    const type = draw.pick(['blackhole', 'unreachable', 'prohibit']);
    node.ns.routes.push({ dst: 'default', type, table: '100' });
    node.ns.rules.push({ priority: 100, from: `${pod.ip}/32`, lookup: '100' });
    return true;
  }),
  'rules by mark': only4((cluster, draw) => {
    const node = anyNode(cluster, draw);
    if (node.index === 2 && cluster.plan.split) return false;
    append(
      node.ns.tables.ipv4,
      'mangle',
      'PREROUTING -p tcp -m tcp --dport 8080 -j MARK --set-xmark 0x20/0x20',
    );
    node.ns.routes.push({ dst: 'default', via: '192.168.1.1', dev: 'eth0', table: '200' });
    node.ns.rules.push({ priority: 200, fwmark: '0x20/0x20', lookup: '200' });
    return true;
  }),
};
