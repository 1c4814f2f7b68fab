// Variations: a network and its flows, drawn from a seed. The same seed and number give the same variation, for ever a row to replay.
import { createRng } from '../../../base/rng.ts';
import type { Case } from '../check.ts';
import { buildCluster } from './cluster.ts';
import type { Cluster, Plan, Pod } from './cluster.ts';
import { namespaceOf, toNetwork } from './draft.ts';
import { drawFrom } from './draw.ts';
import type { Draw } from './draw.ts';
import { FAULTS } from './faults.ts';
import { drawTalk } from './flows.ts';
import { addServices } from './services.ts';
import type { Service } from './services.ts';

export const variationId = (seed: number, n: number): string => `v-${seed}-${n}`;

export function variation(seed: number, n: number): Case {
  const draw = drawFrom(createRng(seed, `variation ${n}`));
  const cluster = buildCluster(drawPlan(draw));
  const services = drawServices(cluster, draw);
  if (services.length > 0) addServices(cluster, services);
  addListeners(cluster);
  const faults = drawFaults(cluster, draw);
  const { title, steps } = drawTalk(cluster, services, draw);
  const parts = [describe(cluster.plan), ...services.map(describeService), ...faults, title];
  return {
    id: variationId(seed, n),
    title: parts.join('; '),
    topology: toNetwork(cluster.draft),
    steps,
    random: true,
  };
}

function drawPlan(draw: Draw): Plan {
  const cni = draw.pick(['bridge', 'bridge', 'routed', 'aws'] as const);
  const v6 = cni !== 'aws' && draw.chance(0.2);
  const split = cni === 'aws' || draw.chance(0.4);
  const mesh = cni !== 'aws' && !v6 && draw.chance(0.4) ? 'vxlan' : 'routes';
  return { cni, mesh, v6, split, nf: draw.chance(0.75), hairpin: draw.chance(0.4) };
}

const describe = ({ cni, mesh, v6, split, nf, hairpin }: Plan): string =>
  [
    `${v6 ? 'IPv6' : 'IPv4'} ${cni} by ${mesh}`,
    split ? 'two subnets' : 'one subnet',
    ...(cni === 'bridge' && !nf ? ['no bridge-nf'] : []),
    ...(cni === 'bridge' && hairpin ? ['hairpin'] : []),
  ].join(', ');

function drawServices(cluster: Cluster, draw: Draw): readonly Service[] {
  if (draw.chance(0.25)) return [];
  const pods: readonly Pod[] = cluster.nodes.flatMap((node) => node.pods);
  const v6 = cluster.plan.v6;
  const randomPorts = draw.chance(0.3);
  return ['web', 'dns'].slice(0, 1 + draw.below(2)).map((name, i): Service => ({
    name,
    proto: draw.pick(['tcp', 'tcp', 'udp']),
    ip: v6 ? `fd00:10:96::${20 + i}` : `10.96.0.${20 + i}`,
    port: 80,
    endpoints: draw.some(pods, draw.pick([0, 1, 1, 1, 2, 3])),
    nodePort: draw.chance(0.6) ? 30080 + i : null,
    balancer: draw.chance(0.25)
      ? v6
        ? `fd00:192:168:1::${100 + i}`
        : `192.168.1.${100 + i}`
      : null,
    local: draw.chance(0.3),
    sticky: draw.chance(0.15),
    randomPorts,
  }));
}

const describeService = (s: Service): string =>
  [
    `${s.proto} service ${s.name} of ${s.endpoints.map(({ name }) => name).join('+') || 'nobody'}`,
    ...(s.nodePort === null ? [] : [`node port${s.local ? ' local' : ''}`]),
    ...(s.balancer === null ? [] : ['balancer']),
    ...(s.sticky ? ['sticky'] : []),
    ...(s.randomPorts ? ['random ports'] : []),
  ].join(', ');

function addListeners({ nodes, draft, plan }: Cluster): void {
  const addr = plan.v6 ? '::' : '0.0.0.0';
  for (const { ns } of nodes) ns.listeners.push({ proto: 'tcp', addr, port: 9090, name: ns.name });
  const internet = namespaceOf(draft, 'internet');
  for (const proto of ['tcp', 'udp'])
    internet.listeners.push({ proto, addr, port: 80, name: 'internet' });
}

function drawFaults(cluster: Cluster, draw: Draw): readonly string[] {
  const count = draw.pick([0, 0, 1, 1, 1, 2, 2]);
  const found: string[] = [];
  for (const name of draw.some(Object.keys(FAULTS), 12)) {
    if (found.length === count) break;
    if (FAULTS[name]?.(cluster, draw) === true) found.push(name);
  }
  return found;
}
