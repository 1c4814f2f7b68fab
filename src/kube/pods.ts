// Running pods: their network namespace, their addresses, what listens in them. A hostNetwork pod has the namespace of its node.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ListenerSpec } from '../network/types.ts';
import { parseAddr } from '../wire/addr/ip.ts';
import { normalAddr } from './cidr.ts';
import type { AssignedAddress, Ipam, NodeInfo, PodSandbox } from './cni/types.ts';
import type { ScheduledPod } from './controllers/schedule.ts';
import { ANY, familyOf } from './families.ts';
import type { IpFamily } from './families.ts';
import { hexId } from './hash/names.ts';
import { fullName, namespaceOf } from './objects/meta.ts';
import type { Pod } from './objects/pod.ts';

export interface PodInstance {
  readonly pod: Pod;
  /** `default/web-0` */
  readonly name: string;
  readonly node: string;
  /** The primary address. */
  readonly ip: string;
  /** `status.podIPs`: one of each family. */
  readonly ips: readonly string[];
  readonly addresses: readonly AssignedAddress[];
  /** Network namespace; the node's name for a hostNetwork pod. */
  readonly netns: string;
  readonly hostNetwork: boolean;
  /** null: it lives in the namespace of its node. */
  readonly sandbox: PodSandbox | null;
}

export interface RunInput {
  readonly seed: number;
  readonly pods: readonly ScheduledPod[];
  readonly nodes: readonly NodeInfo[];
  readonly ipam: Ipam;
  readonly families: readonly IpFamily[];
  /** Names of machines, switches and routers, which a pod's namespace must not repeat. */
  readonly names: ReadonlySet<string>;
}

export function runPods(input: RunInput): {
  readonly pods: readonly PodInstance[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const names = new Set(input.names);
  const free = (pod: Pod): string => {
    const short = pod.metadata.name;
    const name = names.has(short) ? `${short}.${namespaceOf(pod)}` : short;
    names.add(name);
    return name;
  };
  const nodes = new Map(input.nodes.map((node) => [node.name, node]));
  const addressed = assign(input, nodes, diagnostics);
  const started = new Set<string>();
  const pods = input.pods.flatMap((scheduled): PodInstance[] => {
    const { pod } = scheduled;
    const node = nodes.get(scheduled.node);
    if (node === undefined) return [];
    const name = fullName(pod);
    const common = { pod, name, node: node.name };
    if (pod.spec.hostNetwork === true) {
      const addresses = node.addresses.flatMap(({ type, ip, reportedBy }) =>
        type === 'InternalIP' ? [{ ip, by: reportedBy, from: `Node ${node.name}` }] : [],
      );
      const { ip, ips } = node;
      const own = { ip, ips, addresses, netns: node.name, hostNetwork: true, sandbox: null };
      return [{ ...common, ...own }];
    }
    const given = addressed.get(scheduled);
    if (given === undefined) return [];
    const ips = given.addresses.map(({ ip }) => ip);
    const netns = free(pod);
    const sandbox: PodSandbox = {
      pod: name,
      object: pod,
      netns,
      containerID: hexId(`${input.seed} sandbox ${name}`, 64),
      ip: ips[0] ?? '',
      ips,
      first: !started.has(node.name),
      data: given.data,
    };
    started.add(node.name);
    const { addresses } = given;
    return [{ ...common, ip: sandbox.ip, ips, addresses, netns, hostNetwork: false, sandbox }];
  });
  return { pods, diagnostics };
}

interface Given {
  readonly addresses: readonly AssignedAddress[];
  readonly data: unknown;
}

/** Pods that were copied from a cluster bring their addresses along, so they go first. */
function assign(
  { pods, ipam, families }: RunInput,
  nodes: ReadonlyMap<string, NodeInfo>,
  diagnostics: Diagnostic[],
): ReadonlyMap<ScheduledPod, Given> {
  const given = new Map<ScheduledPod, Given>();
  const ask = (
    scheduled: ScheduledPod,
    wanted: readonly string[],
    severity: Diagnostic['severity'],
    what: string,
  ): void => {
    const { pod, place } = scheduled;
    const node = nodes.get(scheduled.node);
    if (node === undefined || pod.spec.hostNetwork === true || given.has(scheduled)) return;
    const name = fullName(pod);
    const answer = ipam.allocate({ node, pod: name, object: pod, wanted });
    if (answer.ok) given.set(scheduled, answer.value);
    else {
      const { reason, fix } = answer.error;
      diagnostics.push({ severity, place, reason: `Pod ${name} gets ${what}: ${reason}`, fix });
    }
  };
  for (const scheduled of pods) {
    const wanted = wantedBy(scheduled.pod);
    const odd = useless(wanted, families);
    for (const ip of scheduled.pod.spec.hostNetwork === true ? [] : odd)
      diagnostics.push({
        severity: 'warning',
        place: scheduled.place,
        reason: `Pod ${fullName(scheduled.pod)} is not given ${ip}: pods here have ${families.join(' and ')} addresses`,
        fix: 'leave it out of `status`, or give `podCIDR` a range of that family',
      });
    const usable = wanted.filter((ip) => !odd.includes(ip));
    if (usable.length > 0) ask(scheduled, usable, 'warning', 'another address');
  }
  for (const scheduled of pods) ask(scheduled, [], 'error', 'no address');
  return given;
}

const wantedBy = ({ status }: Pod): readonly string[] => {
  const listed = (status?.podIPs ?? []).map(({ ip }) => ip);
  const all = listed.length > 0 ? listed : [status?.podIP ?? ''];
  return all.filter((ip) => ip !== '').map(normalAddr);
};

/** Addresses that nobody can give: no addresses, or of a family that the cluster has not. */
const useless = (wanted: readonly string[], families: readonly IpFamily[]): readonly string[] =>
  wanted.filter((ip) => parseAddr(ip) === null || !families.includes(familyOf(ip)));

const httpResponse = (body: string): string =>
  ['HTTP/1.1 200 OK', 'Content-Type: text/plain', `Content-Length: ${body.length}`, '', body].join(
    '\r\n',
  );

/** A container listens on the ports that it declares, in every family that the cluster has. */
export const listenersOf = (
  { pod, netns, hostNetwork, node }: PodInstance,
  families: readonly IpFamily[],
): readonly ListenerSpec[] =>
  pod.spec.containers.flatMap((container) =>
    (container.ports ?? []).flatMap((port) =>
      families.map((family): ListenerSpec => {
        const proto = (port.protocol ?? 'TCP').toLowerCase();
        const response =
          proto === 'tcp' ? httpResponse(`Hello from ${pod.metadata.name} on ${node}\n`) : null;
        return {
          proto,
          addr: ANY[family],
          port: port.containerPort,
          name: hostNetwork ? pod.metadata.name : netns,
          process: container.name,
          ...(response === null ? {} : { response, response_bytes: response.length }),
        };
      }),
    ),
  );
