// The cluster that the engine's goals speak of: the built-in ClusterIP scenario, with any number of further Services (of three
// endpoints each) in the rules of both nodes, in front of the one that is called. 10,000 of them are 110,000 rules, 16 MB of text.
import { invariant } from '../src/base/assert.ts';
import { run } from '../src/kernel/run.ts';
import type { FlowSpec, LinuxNetwork, NamespaceSpec } from '../src/network/types.ts';
import { compileScenario } from '../src/scenario/compile/compile.ts';
import { loadScenario } from '../src/scenario/library/index.ts';
import { decodeScenario } from '../src/scenario/schema/decode.ts';
import type { Trace } from '../src/trace/types.ts';

interface Cluster {
  readonly network: LinuxNetwork;
  readonly flow: FlowSpec;
}

export async function clusterIp(): Promise<Cluster> {
  const scenario = decodeScenario(await loadScenario('clusterip'));
  invariant(scenario.ok, 'the built-in scenario is one');
  const compiled = compileScenario(scenario.value);
  invariant(compiled.ok, 'the built-in scenario compiles');
  const flow = compiled.value.steps.find((step) => step.do === 'flow');
  invariant(flow !== undefined, 'something happens in the built-in scenario');
  return { network: compiled.value.network, flow };
}

export async function clusterWith(services: number): Promise<Cluster> {
  const { network, flow } = await clusterIp();
  const chains: string[] = [];
  const portals: string[] = [];
  const rules: string[] = [];
  for (let i = 0; i < services; i++) {
    const name = `ns-${i % 100}/service-${i}:http`;
    const id = `${i.toString(36)}AAAAAAAAAAAAAAAA`.slice(0, 16).toUpperCase();
    const ip = `10.98.${i >> 8}.${i & 255}`;
    const service = `KUBE-SVC-${id}`;
    const to = `-d ${ip}/32 -p tcp -m comment --comment "${name} cluster IP" -m tcp --dport 80`;
    chains.push(`:${service} - [0:0]`);
    portals.push(`-A KUBE-SERVICES ${to} -j ${service}`);
    rules.push(`-A ${service} ! -s 10.244.0.0/16 ${to} -j KUBE-MARK-MASQ`);
    for (const endpoint of [0, 1, 2]) {
      const target = `KUBE-SEP-${endpoint}${id.slice(1)}`;
      const pod = `10.${200 + endpoint}.${i >> 8}.${i & 255}`;
      const chance = ['0.33333333349', '0.50000000000', null][endpoint];
      const draw = chance === null ? '' : `-m statistic --mode random --probability ${chance} `;
      chains.push(`:${target} - [0:0]`);
      rules.push(
        `-A ${service} -m comment --comment "${name} -> ${pod}:8080" ${draw}-j ${target}`,
        `-A ${target} -s ${pod}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`,
        `-A ${target} -p tcp -m comment --comment "${name}" -m tcp -j DNAT --to-destination ${pod}:8080`,
      );
    }
  }
  const grow = (text: string): string =>
    text
      .replace(/^:KUBE-SERVICES - \[0:0\]\n(?=:KUBE-SVC)/m, (line) => `${line}${lines(chains)}`)
      .replace(/^-A KUBE-SERVICES -d/m, (line) => `${lines(portals)}${line}`)
      .replace(/^-A KUBE-SVC-/m, (line) => `${lines(rules)}${line}`);
  const namespaces = network.namespaces.map((ns): NamespaceSpec => {
    const text = ns.iptables?.ipv4;
    if (text === undefined) return ns;
    const grown = grow(text);
    invariant(services === 0 || grown.length > text.length + services * 1000, 'the rules grew');
    // Origins are by line, and lines have moved.
    const { ruleOrigins: _, ...rest } = ns;
    return { ...rest, iptables: { ...ns.iptables, ipv4: grown } };
  });
  return { network: { ...network, namespaces }, flow };
}
const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** The same request, so many times one after the other. `asked` hears when the engine asks for the next one, and at the end. */
export function journeys({ network, flow }: Cluster, count: number, asked?: () => void): Trace {
  const steps = Array.from({ length: count }, (_, i) => ({ ...flow, id: `request-${i}` }));
  const trace = run({
    network,
    steps: asked === undefined ? steps : heard(steps, asked),
    seed: 1,
    budgets: {
      eventsPerRun: 10_000_000,
      packetsPerRun: 1_000_000,
      seconds: 100_000,
      ruleEvaluations: 1e12,
    },
  });
  invariant(trace.unfinished === null, `the run ended early: ${trace.unfinished}`);
  return trace;
}

/** A list that tells when somebody takes the next of its items. */
function heard<T>(items: readonly T[], asked: () => void): readonly T[] {
  return Object.assign([...items], {
    *[Symbol.iterator]() {
      for (const item of items) {
        asked();
        yield item;
      }
      asked();
    },
  });
}
