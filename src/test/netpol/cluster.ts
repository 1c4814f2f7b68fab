// A group of the truth table as a cluster: Calico without tunnels, whose blocks the router knows, so that every end has a way to every
// other with its own address. Machines outside have subnets of their own behind that router.
import * as v from 'valibot';
import { clusterSchema } from '../../kube/cluster-schema.ts';
import { compileCluster } from '../../kube/compile.ts';
import type { CompiledCluster } from '../../kube/compile.ts';
import { inside, nthAddress, sizeOf } from '../../kube/cidr.ts';
import { familyOf } from '../../kube/families.ts';
import type { IpFamily } from '../../kube/families.ts';
import { parseManifests } from '../../kube/objects/parse.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { parseAddr, printAddr } from '../../wire/addr/ip.ts';
import { network, parsePrefix, printPrefix } from '../../wire/addr/prefix.ts';
import { parseEnd } from './cases.ts';
import type { End, Expectation, NetpolFile, NetpolGroup, NetpolPod } from './cases.ts';

export interface GroupCluster {
  readonly compiled: CompiledCluster;
  readonly diagnostics: readonly Diagnostic[];
  /** Network namespace of an end. */
  namespaceOf(end: End): string | null;
  addressOf(end: End): string | null;
}

const LONGEST: Readonly<Record<IpFamily, number>> = { IPv4: 24, IPv6: 64 };

/** The smallest network that holds all addresses, and is as large as a subnet usually is. */
function cover(ips: readonly string[], longest = LONGEST[familyOf(ips[0] ?? '')]): string {
  for (let length = longest; ; length--) {
    const prefix = parsePrefix(`${ips[0]}/${length}`);
    if (prefix === null) throw new Error(`${ips.join(', ')} are in no network`);
    const cidr = printPrefix(network(prefix));
    if (ips.every((ip) => inside(cidr, ip))) return cidr;
  }
}

const unique = <T>(list: readonly T[]): readonly T[] => [...new Set(list)];

function freeAddress(cidr: string, used: readonly string[]): string {
  for (let i = 1; i < sizeOf(cidr); i++) {
    const ip = nthAddress(cidr, i) ?? '';
    if (!used.includes(ip)) return ip;
  }
  throw new Error(`no free address in ${cidr}`);
}

const hostName = (ip: string): string => `ext-${ip.replaceAll(/[.:]/g, '-')}`;

export function groupCluster(
  file: NetpolFile,
  group: NetpolGroup,
  expectations: readonly Expectation[],
): GroupCluster {
  const pods = [...file.pods, ...(file.dnsPod === undefined ? [] : [file.dnsPod])];
  const ends = expectations.flatMap(({ from, to }) => [parseEnd(from, file), parseEnd(to, file)]);
  const external = unique(ends.flatMap((end) => (end.kind === 'external' ? [end.ip] : [])));
  const items = [
    ...file.namespaces.map(({ name, labels = {} }) => ({
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    ...pods.map((pod) => podObject(pod, file)),
    ...group.policies,
    ...serviceObjects(expectations, pods, file),
  ];
  const parsed = parseManifests(JSON.stringify({ kind: 'List', items }), group.group);
  const compiled = compileCluster({
    cluster: v.parse(clusterSchema, clusterSpec(file, pods, external, ends)),
    objects: parsed.objects,
    seed: 1,
  });
  const named = (pod: string) => compiled.pods.find((one) => one.name === pod);
  return {
    compiled,
    diagnostics: [...parsed.diagnostics, ...compiled.diagnostics],
    namespaceOf: (end) =>
      end.kind === 'node'
        ? end.node
        : end.kind === 'external'
          ? hostName(end.ip)
          : (named(end.pod)?.netns ?? null),
    addressOf: (end) =>
      end.kind === 'node'
        ? (file.nodes.find(({ name }) => name === end.node)?.ip ?? null)
        : end.kind === 'external'
          ? end.ip
          : end.kind === 'service'
            ? end.clusterIP
            : (named(end.pod)?.ip ?? null),
  };
}

function clusterSpec(
  file: NetpolFile,
  pods: readonly NetpolPod[],
  external: readonly string[],
  ends: readonly End[],
): unknown {
  const nodeIps = file.nodes.map(({ ip }) => ip);
  const lan = cover(nodeIps);
  const outside = external.filter((ip) => !inside(lan, ip));
  const subnets = [
    { name: 'lan', cidr: lan, gateway: freeAddress(lan, [...nodeIps, ...external]) },
    ...unique(outside.map((ip) => cover([ip]))).map((cidr, i) => ({
      name: `outside-${i}`,
      cidr,
      gateway: freeAddress(cidr, external),
    })),
  ];
  const services = ends.flatMap((end) => (end.kind === 'service' ? [end.clusterIP] : []));
  const podIps = pods.filter(({ hostNetwork }) => hostNetwork !== true).map(({ ip }) => ip);
  return {
    nodes: file.nodes.map(({ name, ip }) => ({ name, ip })),
    hosts: external.map((ip) => ({ name: hostName(ip), ip, kind: 'internet' })),
    subnets,
    podCIDR: cover(podIps),
    ...serviceRange(services),
    cni: { name: 'calico', encapsulation: 'None', peerRouter: true },
  };
}

/** The usual one, unless the table's cluster IPs are elsewhere. */
function serviceRange(clusterIPs: readonly string[]): { readonly serviceCIDR?: string } {
  const usual = { IPv4: '10.96.0.0/12', IPv6: 'fd00:10:96::/112' }[familyOf(clusterIPs[0] ?? '')];
  return clusterIPs.every((ip) => inside(usual, ip))
    ? {}
    : { serviceCIDR: cover(clusterIPs, usual.includes(':') ? 112 : 24) };
}

const podObject = (pod: NetpolPod, file: NetpolFile): unknown => ({
  kind: 'Pod',
  metadata: { name: pod.name, namespace: pod.ns, labels: pod.labels ?? {} },
  spec: {
    nodeName: pod.node ?? file.nodes[0]?.name,
    hostNetwork: pod.hostNetwork ?? false,
    containers: [{ name: 'server', ports: pod.ports ?? [] }],
  },
  status: { podIP: printAddr(parseAddr(pod.ip)!) },
});

/** A Service for each cluster IP, with the endpoints that the table gives it. */
function serviceObjects(
  expectations: readonly Expectation[],
  pods: readonly NetpolPod[],
  file: NetpolFile,
): readonly unknown[] {
  const services = new Map<string, { ns: string; ports: Map<string, ServicePort> }>();
  for (const { to, port, protocol = 'TCP' } of expectations) {
    const end = parseEnd(to, file);
    if (end.kind !== 'service') continue;
    const pod = pods.find(({ ns, name }) => `${ns}/${name}` === end.pod);
    if (pod === undefined) continue;
    const service = services.get(end.clusterIP) ?? { ns: pod.ns, ports: new Map() };
    const target = end.targetPort ?? port;
    service.ports.set(`${protocol.toLowerCase()}-${port}`, { port, protocol, target, pod });
    services.set(end.clusterIP, service);
  }
  return [...services].flatMap(([clusterIP, { ns, ports }]) => {
    const name = `svc-${clusterIP.replaceAll(/[.:]/g, '-')}`;
    return [
      {
        kind: 'Service',
        metadata: { name, namespace: ns },
        spec: {
          clusterIP,
          ports: [...ports].map(([id, { port, protocol, target }]) => ({
            name: id,
            port,
            protocol,
            targetPort: target,
          })),
        },
      },
      ...[...ports].map(([id, { protocol, target, pod }]) => ({
        kind: 'EndpointSlice',
        metadata: {
          name: `${name}-${id}`,
          namespace: ns,
          labels: { 'kubernetes.io/service-name': name },
        },
        addressType: familyOf(pod.ip),
        endpoints: [{ addresses: [pod.ip], nodeName: pod.node, conditions: { ready: true } }],
        ports: [{ name: id, port: target, protocol }],
      })),
    ];
  });
}
interface ServicePort {
  readonly port: number;
  readonly protocol: string;
  readonly target: number;
  readonly pod: NetpolPod;
}
