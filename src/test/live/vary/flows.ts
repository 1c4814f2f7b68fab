// Who talks to whom, and how.
import type { FlowSpec, StepSpec } from '../../../network/types.ts';
import type { Cluster, Pod } from './cluster.ts';
import type { Draw } from './draw.ts';
import type { Service } from './services.ts';

interface End {
  readonly ns: string;
  readonly ip: string;
  readonly pod: Pod | null;
}
interface Target {
  readonly name: string;
  readonly ip: string;
  readonly port: number;
  readonly proto?: 'tcp' | 'udp';
}

export interface Talk {
  readonly title: string;
  readonly steps: readonly StepSpec[];
}

export function drawTalk(cluster: Cluster, services: readonly Service[], draw: Draw): Talk {
  const from = drawSource(cluster, draw);
  const to = drawTarget(cluster, services, from, draw);
  const proto =
    to.proto ?? draw.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp', 'icmp', 'raw-tcp']);
  const v6 = cluster.plan.v6;
  const kind = proto === 'raw-tcp' && v6 ? 'tcp' : proto;
  const flow = { ...base(from, to, kind, draw), ...extras(kind, v6, draw) };
  const again = draw.pick(['once', 'once', 'twice', 'another port', 'at the same time'] as const);
  const title = `${kind} ${from.ns} to ${to.name}${again === 'once' ? '' : `, ${again}`}`;
  return { title, steps: repeat(flow, again) };
}

function drawSource(cluster: Cluster, draw: Draw): End {
  const [first, second] = cluster.nodes;
  const pods = [...first.pods, ...second.pods];
  const pod = (one: Pod): End => ({ ns: one.name, ip: one.ip, pod: one });
  const roll = draw.below(10);
  if (roll < 6) return pod(draw.pick([pods[0]!, pods[0]!, pods[1]!, pods[2]!]));
  if (roll < 7) return { ns: first.ns.name, ip: first.ip, pod: null };
  if (roll < 9) return { ns: 'client', ip: cluster.client, pod: null };
  return { ns: 'internet', ip: cluster.internet, pod: null };
}

function drawTarget(cluster: Cluster, services: readonly Service[], from: End, draw: Draw): Target {
  const [first, second] = cluster.nodes;
  const pods = [...first.pods, ...second.pods].filter(({ name }) => name !== from.ns);
  const pod = draw.pick(pods as unknown as readonly [Pod, ...Pod[]]);
  const node = draw.pick([first, second]);
  const service =
    services.length === 0
      ? null
      : draw.pick(services as unknown as readonly [Service, ...Service[]]);
  const roll = draw.below(20);
  if (service !== null && roll < 10) {
    const { proto, name, nodePort, balancer } = service;
    const outside = from.pod === null && !from.ns.startsWith('node');
    if (nodePort !== null && (outside || draw.chance(0.3)))
      return {
        name: `node port of ${name} on ${node.ns.name}`,
        ip: node.ip,
        port: nodePort,
        proto,
      };
    if (balancer !== null && draw.chance(0.5))
      return { name: `balancer of ${name}`, ip: balancer, port: service.port, proto };
    return { name: `service ${name}`, ip: service.ip, port: service.port, proto };
  }
  if (roll < 15) return { name: pod.name, ip: pod.ip, port: 8080 };
  if (roll < 16) return { name: `a closed port of ${pod.name}`, ip: pod.ip, port: 81 };
  if (roll < 17) return { name: node.ns.name, ip: node.ip, port: 9090 };
  if (roll < 18) return { name: 'nobody', ip: nobody(cluster), port: 8080 };
  return { name: 'the internet', ip: cluster.internet, port: 80 };
}

/** An address of the pods' range that no pod has. */
const nobody = ({ plan, nodes }: Cluster): string =>
  plan.cni === 'aws'
    ? nodes[1].ip.replace(/\d+$/, '77')
    : plan.v6
      ? 'fd00:10:244:2::77'
      : '10.244.2.77';

function base(from: End, to: Target, proto: string, draw: Draw): Omit<FlowSpec, 'do'> {
  const ends = { id: 'f1', proto, ns: from.ns, dst: to.ip };
  if (proto === 'icmp') return ends;
  const sport = draw.chance(0.85) || proto === 'raw-tcp' ? { sport: 40001 } : {};
  return { ...ends, ...sport, dport: to.port, ...(proto === 'raw-tcp' ? { src: from.ip } : {}) };
}

function extras(proto: string, v6: boolean, draw: Draw): Partial<Omit<FlowSpec, 'do'>> {
  const ttl = draw.chance(0.12) ? { ttl: draw.pick([1, 2, 3]) } : {};
  const patience = draw.chance(0.12) ? { timeout_ms: 4000 } : {};
  switch (proto) {
    case 'raw-tcp':
      return {
        flags: draw.pick(['A', 'PA', 'R', 'SA', 'F', 'S', 'FA']),
        ...(draw.chance(0.5) ? { payload: 'hello' } : {}),
        ...ttl,
      };
    case 'tcp':
      return {
        ...(draw.chance(0.15) ? { request_bytes: draw.pick([1500, 3000, 6000]) } : {}),
        ...ttl,
        ...patience,
      };
    default: {
      const large = draw.chance(0.2)
        ? { request_bytes: draw.pick([1400, 1430, 1472, 2000, 4000]) }
        : {};
      const loose = !v6 && 'request_bytes' in large && draw.chance(0.7) ? { pmtudisc: 0 } : {};
      return { ...large, ...loose, ...ttl, ...patience };
    }
  }
}

/** ARP and TCP try again whole seconds after the first time: the second of two flows lies between, also on a slow machine. */
const PAUSE: StepSpec = { do: 'sleep', ms: 100 };
const PATIENCE = { timeout_ms: 400 };

function repeat(
  flow: Omit<FlowSpec, 'do'>,
  how: 'once' | 'twice' | 'another port' | 'at the same time',
): readonly StepSpec[] {
  const { proto, sport } = flow;
  const another = sport === undefined ? {} : { sport: sport + 1 };
  switch (how) {
    case 'once':
      return [{ do: 'flow', ...flow }];
    case 'twice':
    case 'another port': {
      const first = { ...flow, ...PATIENCE };
      const second = { ...first, id: 'f2', ...(how === 'twice' ? {} : another) };
      return [{ do: 'flow', ...first }, PAUSE, { do: 'flow', ...second }];
    }
    case 'at the same time': {
      const other = {
        ...flow,
        id: 'f2',
        ...another,
        ...(proto === 'icmp' ? { icmp_id: 4661 } : {}),
      };
      const both = { parallel: [flow, other], stagger_ms: 5 };
      return [{ do: 'flow', id: 'both', ...(proto === undefined ? {} : { proto }), ...both }];
    }
  }
}
