// What the running kernel did: steps, carried out in a lab, written down as the runs of a recording.
import { netnsName } from '../../network/script.ts';
import { word } from '../../network/shell.ts';
import type { ExecSpec, FlowSpec, NamespaceSpec } from '../../network/types.ts';
import type { JsonObject, Run } from '../judge/types.ts';
import { renameChosen } from '../predict/chosen.ts';
import { observe } from '../predict/crossings.ts';
import type { RecordingInput } from '../predict/recording.ts';
import type { Seen } from './agent.ts';
import { crossingsOf } from './frames.ts';
import type { Lab } from './lab.ts';
import { movedBetween, readConntrack, readCounters, readFdb, readNeighbours } from './tables.ts';
import { walksOf } from './tracing.ts';

/** As src/kernel/run.ts: a flow is watched a little longer, and a little later the next step begins. */
const SETTLE_MS = 120;
const GAP_MS = 300;
const EXEC_MS = 50;
const FAMILIES = ['ipv4', 'ipv6'] as const;

export async function recordRuns(lab: Lab, input: RecordingInput): Promise<readonly Run[]> {
  const runs: Run[] = [];
  let gap = GAP_MS;
  for (const step of input.steps)
    switch (step.do) {
      case 'sleep':
        gap += step.ms + GAP_MS;
        await new Promise((resolve) => setTimeout(resolve, step.ms));
        break;
      case 'exec':
        gap += EXEC_MS + GAP_MS;
        await execute(lab, step);
        break;
      case 'flow':
        runs.push(await recordFlow(lab, input, step, gap));
        gap = GAP_MS;
    }
  return runs;
}

async function execute(lab: Lab, step: ExecSpec): Promise<void> {
  const netns = word(netnsName(lab.prefix, step.ns));
  const script = `ip netns exec ${netns} sh -c ${word(step.cmd)}`;
  const { code, err } = await lab.agent.ask('sh', { script });
  if (code !== 0) throw new Error(`${step.cmd}: ${err.trim()}`);
}

async function recordFlow(
  lab: Lab,
  input: RecordingInput,
  step: FlowSpec,
  gap: number,
): Promise<Run> {
  const seen = await lab.agent.ask('flow', {
    flows: step.parallel ?? [step],
    stagger_ms: step.stagger_ms ?? 5,
    settle_ms: step.settle_ms ?? SETTLE_MS,
    gap_ms: gap,
    before: counterScript(lab),
    after: `${counterScript(lab)}\n${tableScript(lab)}`,
  });
  if (seen.lost > 0) throw new Error('the capture lost frames: the machine is too slow for it now');
  return assemble(lab, input, seen);
}

function assemble(lab: Lab, input: RecordingInput, seen: Seen): Run {
  const [before, after] = [readShot(seen.before), readShot(seen.after)];
  const { observations, packets } = observe(crossingsOf(seen.frames));
  const { namespaces } = lab.network;
  const tables = (
    read: (text: string) => readonly JsonObject[],
    ...names: readonly string[]
  ): Record<string, readonly JsonObject[]> =>
    Object.fromEntries(
      namespaces.flatMap(({ name }) => {
        const rows = names.flatMap((one) => read(after.get(`${name} ${one}`) ?? ''));
        return rows.length === 0 ? [] : [[name, rows]];
      }),
    );
  const moved = namespaces.flatMap(({ name, iptables }) =>
    FAMILIES.flatMap((family) => {
      const [was, is] = [before, after].map((s) => readCounters(s.get(`${name} ${family}`) ?? ''));
      return movedBetween(name, family, iptables?.[family] ?? '', was ?? [], is ?? []);
    }),
  );
  const { results } = seen;
  const run = {
    observations,
    packets,
    conntrack: tables(readConntrack, 'ct4', 'ct6'),
    rules_moved: moved,
    ...(seen.drops === undefined ? {} : { drops: seen.drops.map((d) => ({ ...d })) }),
    result: results.length === 1 ? results[0]! : results,
    trace: Object.entries(seen.trace).flatMap(([ns, lines]) => walksOf(ns, lines)),
    neigh_after: tables(readNeighbours, 'neigh'),
    fdb_after: tables(readFdb, 'fdb'),
  };
  const plain = JSON.parse(JSON.stringify({ id: input.id, run: 0, ...run })) as Parameters<
    typeof renameChosen
  >[1];
  return renameChosen(input, plain) as unknown as Run;
}

/** `namespace table` -> what its tool printed. */
type Shot = ReadonlyMap<string, string>;

function readShot(out: string): Shot {
  const shot = new Map<string, string>();
  for (const part of out.split(/^@@ /m).slice(1)) {
    const end = part.indexOf('\n');
    shot.set(part.slice(0, end), part.slice(end + 1).trim());
  }
  return shot;
}

/** Counters first: they move with every late packet. */
const counterScript = (lab: Lab): string =>
  printing(lab, ({ iptables = {} }) => [
    ...(iptables.ipv4 ? ['ipv4; iptables-legacy-save -c'] : []),
    ...(iptables.ipv6 ? ['ipv6; ip6tables-legacy-save -c'] : []),
  ]);

const tableScript = (lab: Lab): string =>
  printing(lab, ({ devices, iptables = {} }) => [
    ...(iptables.ipv4 || iptables.ipv6
      ? ['ct4; conntrack -L -f ipv4 2>/dev/null', 'ct6; conntrack -L -f ipv6 2>/dev/null']
      : []),
    'neigh; ip -j neigh show nud all',
    ...(devices.some(({ type }) => type === 'bridge' || type === 'vxlan')
      ? ['fdb; bridge -j fdb show']
      : []),
  ]);

/** Each part: the name of a table, and the command that prints it. */
function printing(lab: Lab, parts: (ns: NamespaceSpec) => readonly string[]): string {
  const lines = lab.network.namespaces.flatMap((ns) => {
    const inside = parts(ns).map((part) => `echo @@ ${word(ns.name)} ${part}; echo`);
    if (inside.length === 0) return [];
    const netns = word(netnsName(lab.prefix, ns.name));
    return [`ip netns exec ${netns} sh -c ${word(inside.join('; '))}`];
  });
  return lines.join('\n');
}
