// Running pods: their network namespace, their address, what listens in them. A hostNetwork pod has the namespace of its node.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ListenerSpec } from '../network/types.ts';
import type { Cni } from './cni/index.ts';
import type { ScheduledPod } from './controllers/schedule.ts';
import { inside } from './machines.ts';
import type { ClusterNode } from './machines.ts';
import { fullName, namespaceOf } from './objects/meta.ts';
import type { Pod } from './objects/pod.ts';

export interface PodInstance {
  readonly pod: Pod;
  /** `default/web-0` */
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  /** Network namespace; the node's name for a hostNetwork pod. */
  readonly netns: string;
  readonly hostNetwork: boolean;
  /** First pod of its node that has a sandbox of its own. */
  readonly first: boolean;
}

/** `taken`: names of machines, switches and routers, which a pod's namespace must not repeat. */
export function runPods(
  pods: readonly ScheduledPod[],
  nodes: readonly ClusterNode[],
  cni: Cni,
  taken: ReadonlySet<string>,
): { readonly pods: readonly PodInstance[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const names = new Set(taken);
  const free = (pod: Pod): string => {
    const short = pod.metadata.name;
    const name = names.has(short) ? `${short}.${namespaceOf(pod)}` : short;
    names.add(name);
    return name;
  };
  const given = givenAddresses(pods, nodes, diagnostics);
  const used = new Set(given.values());
  const state = new Map(
    nodes.map((node) => [node.name, { node, next: cni.ipam(node.podCIDR), count: 0 }]),
  );
  const running = pods.flatMap((scheduled): PodInstance[] => {
    const { pod, node: nodeName, place } = scheduled;
    const on = state.get(nodeName);
    if (on === undefined) return [];
    const common = { pod, name: fullName(pod), node: nodeName };
    if (pod.spec.hostNetwork === true)
      return [{ ...common, ip: on.node.ip, netns: nodeName, hostNetwork: true, first: false }];
    let ip = given.get(scheduled) ?? on.next();
    while (ip !== null && !given.has(scheduled) && used.has(ip)) ip = on.next();
    if (ip === null) {
      diagnostics.push({
        severity: 'error',
        place,
        reason: `Pod ${common.name} gets no address: ${on.node.podCIDR} of ${nodeName} is used up`,
        fix: 'run fewer pods there, or give the node a larger podCIDR',
      });
      return [];
    }
    const first = on.count++ === 0;
    return [{ ...common, ip, netns: free(pod), hostNetwork: false, first }];
  });
  return { pods: running, diagnostics };
}

/** Pods that were copied from a cluster bring their address along. */
function givenAddresses(
  pods: readonly ScheduledPod[],
  nodes: readonly ClusterNode[],
  diagnostics: Diagnostic[],
): ReadonlyMap<ScheduledPod, string> {
  const given = new Map<ScheduledPod, string>();
  const taken = new Set<string>();
  for (const scheduled of pods) {
    const { pod, place } = scheduled;
    const ip = pod.status?.podIP;
    if (ip === undefined || ip === '' || pod.spec.hostNetwork === true) continue;
    const podCIDR = nodes.find((node) => node.name === scheduled.node)?.podCIDR;
    if (podCIDR !== undefined && inside(podCIDR, ip) && !taken.has(ip)) {
      given.set(scheduled, ip);
      taken.add(ip);
    } else
      diagnostics.push({
        severity: 'warning',
        place,
        reason: `Pod ${fullName(pod)} gets another address: ${ip} is ${taken.has(ip) ? 'taken' : `not in ${podCIDR} of ${scheduled.node}`}`,
        fix: 'leave `status.podIP` out, or set `podCIDR` of the node',
      });
  }
  return given;
}

const httpResponse = (body: string): string =>
  ['HTTP/1.1 200 OK', 'Content-Type: text/plain', `Content-Length: ${body.length}`, '', body].join(
    '\r\n',
  );

/** A container listens on the ports that it declares. */
export const listenersOf = ({
  pod,
  netns,
  hostNetwork,
  node,
}: PodInstance): readonly ListenerSpec[] =>
  pod.spec.containers.flatMap((container) =>
    (container.ports ?? []).map((port): ListenerSpec => {
      const proto = (port.protocol ?? 'TCP').toLowerCase();
      const response =
        proto === 'tcp' ? httpResponse(`Hello from ${pod.metadata.name} on ${node}\n`) : null;
      return {
        proto,
        addr: '0.0.0.0',
        port: port.containerPort,
        name: hostNetwork ? pod.metadata.name : netns,
        process: container.name,
        ...(response === null ? {} : { response, response_bytes: response.length }),
      };
    }),
  );
