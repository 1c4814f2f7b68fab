// The timeline of a scenario as steps of the engine: commands become flows, changes become command lines in a namespace.
import { assertNever } from '../../base/assert.ts';
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { StepSpec } from '../../network/types.ts';
import type { CompiledCluster } from '../../kube/compile.ts';
import { fullName, namespaceOf } from '../../kube/objects/meta.ts';
import type { Scenario } from '../schema/decode.ts';
import type { RunStep } from '../schema/schema.ts';
import { commandOf, commands } from './commands/index.ts';
import { chosenListener } from './choose.ts';
import { splitWords } from './commands/words.ts';

export interface CompiledTimeline {
  readonly steps: readonly StepSpec[];
  /** Listener that must serve each flow, in order of the flows; null: whoever the draw gives. */
  readonly servedBy: readonly (string | null)[];
  readonly diagnostics: readonly Diagnostic[];
}
type Where = RunStep['run'];

export function compileTimeline(scenario: Scenario, cluster: CompiledCluster): CompiledTimeline {
  const steps: StepSpec[] = [];
  const servedBy: (string | null)[] = [];
  const diagnostics: Diagnostic[] = [];
  scenario.timeline.forEach((step, i) => {
    const complain = (reason: string, fix: string | null): void => {
      const place = at(scenario.lines.source, scenario.lines.timeline[i] ?? null);
      diagnostics.push({ severity: 'error', place, reason, fix });
    };
    if ('wait' in step) {
      steps.push({ do: 'sleep', ms: step.wait });
      return;
    }
    const where = 'run' in step ? step.run : step.change;
    const spot = findPlace(where, cluster);
    if (spot === null) {
      complain(`there is no ${describe(where)}`, `there are ${available(where, cluster)}`);
      return;
    }
    const typed = fillIn(where.command, cluster);
    if (!typed.ok) {
      complain(
        `{${typed.error}} is no pod, machine or Service`,
        `there are ${everything(cluster)}`,
      );
      return;
    }
    if ('change' in step) {
      steps.push({ do: 'exec', ns: spot.ns, cmd: typed.value });
      return;
    }
    const [name = '', ...args] = splitWords(typed.value);
    const command = commandOf(name);
    if (command === null) {
      complain(`${name} is not modelled`, `use one of ${Object.keys(commands).join(', ')}`);
      return;
    }
    const flow = command(args, {
      resolve: (host, family) => cluster.resolve(host, spot.namespace, family),
    });
    if (!flow.ok) {
      complain(flow.error.reason, flow.error.fix);
      return;
    }
    const wanted = chosenListener(step.choose, flow.value, cluster);
    if (wanted === undefined)
      complain(
        '`choose` names no endpoint of this flow',
        'use the name of a pod behind the Service, or a node that has one',
      );
    servedBy.push(wanted ?? null);
    steps.push({
      do: 'flow',
      id: step.id ?? (steps.length === 0 ? 'request' : `request-${steps.length + 1}`),
      ns: spot.ns,
      ...flow.value,
      command: typed.value,
    });
  });
  return { steps, servedBy, diagnostics };
}

/** A server on the internet is a host, drawn in another way. */
const kindOf = (kind: string): string => (kind === 'internet' ? 'host' : kind);

interface Spot {
  readonly ns: string;
  /** The Kubernetes namespace in which names are resolved. */
  readonly namespace: string;
}

function findPlace(where: Where, cluster: CompiledCluster): Spot | null {
  const { pod, node, host } = where;
  if (pod !== undefined) {
    const found = cluster.pods.find(
      (p) => p.netns === pod || p.pod.metadata.name === pod || fullName(p.pod) === pod,
    );
    return found === undefined ? null : { ns: found.netns, namespace: namespaceOf(found.pod) };
  }
  const kind = node === undefined ? 'host' : 'node';
  const found = cluster.network.namespaces.find(
    (ns) => kindOf(ns.kind) === kind && ns.name === (node ?? host),
  );
  return found === undefined ? null : { ns: found.name, namespace: 'default' };
}

/** `{web-0}` stands for an address that the author need not know: what a person would look up first and then type. */
function fillIn(command: string, cluster: CompiledCluster): Result<string, string> {
  let missing: string | null = null;
  const value = command.replaceAll(/\{([a-z0-9.-]+)\}/g, (_, name: string) => {
    const ip =
      cluster.pods.find((p) => p.netns === name || p.pod.metadata.name === name)?.ip ??
      cluster.machines.find((machine) => machine.name === name)?.ip ??
      cluster.services.find((service) => service.metadata.name === name)?.spec.clusterIP;
    if (ip === undefined) missing ??= name;
    return ip ?? '';
  });
  return missing === null ? ok(value) : err(missing);
}

const everything = ({ pods, machines, services }: CompiledCluster): string =>
  [
    ...pods.map((p) => p.netns),
    ...machines.map((machine) => machine.name),
    ...services.map((service) => service.metadata.name),
  ].join(', ');

const describe = ({ pod, node, host }: Where): string =>
  pod !== undefined ? `pod ${pod}` : node !== undefined ? `node ${node}` : `host ${host}`;

function available(where: Where, cluster: CompiledCluster): string {
  const kind = where.pod !== undefined ? 'pod' : where.node !== undefined ? 'node' : 'host';
  switch (kind) {
    case 'pod':
      return cluster.pods.map((p) => p.pod.metadata.name).join(', ');
    case 'node':
    case 'host':
      return cluster.network.namespaces
        .filter((ns) => kindOf(ns.kind) === kind)
        .map((ns) => ns.name)
        .join(', ');
    default:
      return assertNever(kind);
  }
}
