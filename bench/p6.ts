// P6: a click against the kernel. The same request, in the same network: how long until all that happened to it is in front of the reader?
//
// The kernel's side is what an operator does: the network stands in namespaces, TRACE rules are in front of every table, xtables-monitor
// prints what rules the packets met, all frames of all namespaces are captured, and a client calls the Service. The clock runs from its
// first frame until the last frame and the last line are read. (Where iptables is the legacy one, TRACE tells through nfnetlink_log,
// which the agent reads by itself.) Servers do not think here, and neighbours are known, so that nobody waits for a timer.
// The agent, its monitors and this process have the same priority, so that neither side waits for other programs of the machine
// while the other one does not.
//
// Our side is the page's call, the whole of it: the scenario's text goes to the engine that the page has, and the trace comes back as
// a message. The engine sits at the other end of a MessageChannel, where the way of the trace is paid for as with a worker. It has
// seen the scenario before; the journey runs with every click. Events become objects when they are first looked at: the goal is held
// with a look at all of them, and the note says how much that is.
import { setTimeout as pause } from 'node:timers/promises';
import { invariant } from '../src/base/assert.ts';
import type { FlowSpec } from '../src/network/types.ts';
import { compileScenario } from '../src/scenario/compile/compile.ts';
import { loadScenario } from '../src/scenario/library/index.ts';
import { decodeScenario } from '../src/scenario/schema/decode.ts';
import { startAgent } from '../src/test/live/agent.ts';
import type { Agent, Explained } from '../src/test/live/agent.ts';
import { buildLab, Lacking } from '../src/test/live/lab.ts';
import { needsOf, probe } from '../src/test/live/machine.ts';
import { createEngineClient } from '../src/worker/client.ts';
import { engineSpawns } from '../src/worker/spawn.ts';
import { kernelLacks } from '../tools/lib/kernel.mjs';
import { median } from './measure.ts';
import type { Bench, Measured, Skipped } from './types.ts';

const ROUNDS = 15;
const WARM = 40;
/** Rules choose among two endpoints: so often until it is the one that the scenario asks for. */
const DRAWS = 40;
const SETTLE_MS = 40;

const scenario = await loadScenario('clusterip');

export const p6: Bench = {
  id: 'P6',
  title: "the kernel's explained journey / a click, warm, to the whole trace",
  unit: 'x',
  goal: { least: 5, stretch: 20 },
  async run() {
    const lacks = kernelLacks({ install: false });
    if (lacks !== null) return { skipped: lacks };
    const agent = startAgent();
    try {
      return await race(agent);
    } catch (error) {
      if (error instanceof Lacking) return { skipped: error.message };
      throw error;
    } finally {
      await agent.end();
    }
  },
};

interface Click {
  /** Until the trace is there, and every event and packet was looked at. */
  readonly ms: number;
  /** Until it is there. */
  readonly there: number;
  readonly events: number;
}
/** Each side has just done the same, so that no cache is cold only because the other side's turn was long. */
async function second<T>(work: () => Promise<T>): Promise<T> {
  await work();
  return work();
}

async function race(agent: Agent): Promise<Measured | Skipped> {
  const decoded = decodeScenario(scenario);
  invariant(decoded.ok, 'the built-in scenario is one');
  const compiled = compileScenario(decoded.value);
  invariant(compiled.ok, 'the built-in scenario compiles');
  const { network, steps, servedBy } = compiled.value;
  const flow = steps.find((step) => step.do === 'flow');
  invariant(flow !== undefined, 'something happens in the built-in scenario');

  const { prefix } = await agent.ask('hello', { cpu: null });
  const { missing } = await probe(agent, prefix);
  const lacking = [...needsOf(network), 'trace' as const].filter((need) => missing.has(need));
  if (lacking.length > 0) return { skipped: `this kernel lacks ${lacking.join(', ')}` };
  const rules = await rulesOf(agent);
  await buildLab({ agent, prefix, network, rules }, true);
  const by = servedBy?.[0] ?? null;
  const kernel = (): Promise<Explained> => explained(agent, flow, by);

  const client = createEngineClient({
    spawns: { ...engineSpawns, worker: engineSpawns.mainThread },
  });
  const click = async (): Promise<Click> => {
    const start = performance.now();
    const outcome = await client.call('simulate', { scenario });
    const there = performance.now() - start;
    invariant(outcome.kind === 'done', `the scenario did not run: ${outcome.kind}`);
    const { events, packets } = outcome.value.trace;
    const ms = performance.now() - start;
    invariant(events.length > 0 && packets.length > 0, 'the scenario is a journey');
    return { ms, there, events: events.length };
  };
  const { priority } = await agent.ask('schedule', { pids: [process.pid], like_agent: true });
  try {
    for (let i = 0; i < WARM; i++) await click();
    const rounds: { readonly seen: Explained; readonly mine: Click }[] = [];
    while (rounds.length < ROUNDS) {
      const seen = await second(kernel);
      rounds.push({ seen, mine: await second(click) });
    }
    const theirs = median(rounds.map(({ seen }) => seen.ms));
    const ours = median(rounds.map(({ mine }) => mine.ms));
    const there = median(rounds.map(({ mine }) => mine.there));
    const { seen, mine } = rounds[0]!;
    return {
      value: theirs / ours,
      note: `${theirs.toFixed(1)} ms / ${ours.toFixed(1)} ms (${there.toFixed(1)} ms before events are read), ${priority ? 'both before other programs' : 'neither before other programs'}; ${seen.lines} lines of ${rules === 'nft' ? 'xtables-monitor' : 'nfnetlink_log'} and ${seen.frames} frames, against ${mine.events} events`,
    };
  } finally {
    client.dispose();
    await agent.ask('schedule', { pids: [process.pid], like_agent: false });
  }
}

/** What `iptables` is here, as an operator would meet it. */
async function rulesOf(agent: Agent): Promise<'legacy' | 'nft'> {
  const { out } = await agent.ask('sh', {
    script: 'iptables --version; command -v xtables-monitor',
  });
  return out.includes('nf_tables') && out.includes('xtables-monitor') ? 'nft' : 'legacy';
}

/** One request that was answered by the endpoint of that name. */
async function explained(agent: Agent, flow: FlowSpec, by: string | null): Promise<Explained> {
  for (let draw = 0; draw < DRAWS; draw++) {
    const seen = await agent.ask('explain', { flow, settle_ms: SETTLE_MS });
    const [result] = seen.results;
    invariant(result?.result === 'ok', 'the request was answered');
    invariant(seen.lines > 0 && seen.frames > 0, 'the kernel told of it');
    if (seen.lost === 0 && (by === null || result.served_by === by)) return seen;
    await pause(10);
  }
  throw new Error(`no request came to ${by}`);
}
