// Services, in rules of the kind that kube-proxy (mode iptables) writes. Written for the check, so that the kernel is asked about rules
// that the project did not make for itself.
import { hostOf, podsOfAll } from './cluster.ts';
import type { Cluster, Node, Pod } from './cluster.ts';
import { addChain, append } from './tables.ts';
import type { Tables } from './tables.ts';

export interface Service {
  readonly name: string;
  readonly proto: 'tcp' | 'udp';
  readonly ip: string;
  readonly port: number;
  readonly endpoints: readonly Pod[];
  readonly nodePort: number | null;
  readonly balancer: string | null;
  /** externalTrafficPolicy: Local */
  readonly local: boolean;
  /** sessionAffinity: ClientIP */
  readonly sticky: boolean;
  readonly randomPorts: boolean;
}

const TARGET_PORT = 8080;

export function addServices(cluster: Cluster, services: readonly Service[]): void {
  for (const node of cluster.nodes) {
    const tables = node.ns.tables[cluster.plan.v6 ? 'ipv6' : 'ipv4'];
    addFrame(
      tables,
      services.some(({ randomPorts }) => randomPorts),
    );
    for (const service of services) addService(cluster, node, tables, service);
    append(tables, 'nat', 'KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS');
  }
}

/** What is there without any Service. */
function addFrame(tables: Tables, randomPorts: boolean): void {
  append(
    tables,
    'filter',
    'INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES',
    'FORWARD -j KUBE-FORWARD',
    'FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES',
    'FORWARD -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES',
    'OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES',
    'KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    'KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
    'KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  );
  append(
    tables,
    'nat',
    'PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    'OUTPUT -j KUBE-SERVICES',
    'POSTROUTING -j KUBE-POSTROUTING',
    'KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    'KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    'KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    `KUBE-POSTROUTING -j MASQUERADE${randomPorts ? ' --random-fully' : ''}`,
  );
  for (const chain of ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES'])
    addChain(tables, 'filter', chain);
  addChain(tables, 'nat', 'KUBE-NODEPORTS');
}

function addService(cluster: Cluster, node: Node, tables: Tables, s: Service): void {
  const id = s.name.toUpperCase();
  const match = (address: string, port: number): string =>
    `-d ${hostOf(address)} -p ${s.proto} -m ${s.proto} --dport ${port}`;
  const local = s.endpoints.filter((pod) => pod.node === node);
  const reject = `-j REJECT --reject-with ${cluster.plan.v6 ? 'icmp6' : 'icmp'}-port-unreachable`;
  if (s.endpoints.length === 0) {
    append(tables, 'filter', `KUBE-SERVICES ${match(s.ip, s.port)} ${reject}`);
    if (s.nodePort !== null) {
      const own = '-m addrtype --dst-type LOCAL';
      append(
        tables,
        'filter',
        `KUBE-EXTERNAL-SERVICES -p ${s.proto} ${own} -m ${s.proto} --dport ${s.nodePort} ${reject}`,
      );
    }
    return;
  }
  append(tables, 'nat', `KUBE-SERVICES ${match(s.ip, s.port)} -j KUBE-SVC-${id}`);
  append(
    tables,
    'nat',
    `KUBE-SVC-${id} ! -s ${podsOfAll(cluster.plan)} ${match(s.ip, s.port)} -j KUBE-MARK-MASQ`,
  );
  addChoice(cluster, tables, s, `KUBE-SVC-${id}`, s.endpoints);
  for (const pod of s.endpoints) addEndpoint(cluster, tables, s, pod);
  if (s.nodePort === null && s.balancer === null) return;
  if (s.nodePort !== null)
    append(
      tables,
      'nat',
      `KUBE-NODEPORTS -p ${s.proto} -m ${s.proto} --dport ${s.nodePort} -j KUBE-EXT-${id}`,
    );
  if (s.balancer !== null)
    append(tables, 'nat', `KUBE-SERVICES ${match(s.balancer, s.port)} -j KUBE-EXT-${id}`);
  if (!s.local) {
    append(tables, 'nat', `KUBE-EXT-${id} -j KUBE-MARK-MASQ`, `KUBE-EXT-${id} -j KUBE-SVC-${id}`);
    return;
  }
  append(
    tables,
    'nat',
    `KUBE-EXT-${id} -s ${podsOfAll(cluster.plan)} -j KUBE-SVC-${id}`,
    `KUBE-EXT-${id} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
    `KUBE-EXT-${id} -m addrtype --src-type LOCAL -j KUBE-SVC-${id}`,
  );
  if (local.length > 0) {
    append(tables, 'nat', `KUBE-EXT-${id} -j KUBE-SVL-${id}`);
    addChoice(cluster, tables, s, `KUBE-SVL-${id}`, local);
  } else if (s.nodePort !== null)
    append(
      tables,
      'filter',
      `KUBE-EXTERNAL-SERVICES -p ${s.proto} -m addrtype --dst-type LOCAL -m ${s.proto} --dport ${s.nodePort} -j DROP`,
    );
}

const chainOf = (s: Service, pod: Pod): string =>
  `KUBE-SEP-${s.name.toUpperCase()}-${pod.name.slice(-1).toUpperCase()}`;

/** One of the endpoints, each with the same chance. */
function addChoice(
  _cluster: Cluster,
  tables: Tables,
  s: Service,
  chain: string,
  endpoints: readonly Pod[],
): void {
  if (s.sticky)
    for (const pod of endpoints)
      append(
        tables,
        'nat',
        `${chain} -m recent --name ${chainOf(s, pod)} --rcheck --seconds 10800 --reap --rsource -j ${chainOf(s, pod)}`,
      );
  endpoints.forEach((pod, i) => {
    const left = endpoints.length - i;
    const luck =
      left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
    append(tables, 'nat', `${chain}${luck} -j ${chainOf(s, pod)}`);
  });
}

function addEndpoint({ plan }: Cluster, tables: Tables, s: Service, pod: Pod): void {
  const chain = chainOf(s, pod);
  const to = plan.v6 ? `[${pod.ip}]:${TARGET_PORT}` : `${pod.ip}:${TARGET_PORT}`;
  const recent = s.sticky ? ` -m recent --name ${chain} --set --rsource` : '';
  append(
    tables,
    'nat',
    `${chain} -s ${hostOf(pod.ip)} -j KUBE-MARK-MASQ`,
    `${chain} -p ${s.proto}${recent} -m ${s.proto} -j DNAT --to-destination ${to}`,
  );
}
