// What the engine answers, wherever it runs: YAML text in, the network and the trace of its journey out.
import { at } from '../base/diagnostic.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { createLru } from '../base/lru.ts';
import { run } from '../kernel/run.ts';
import { compileScenario, standing } from '../scenario/compile/compile.ts';
import type { Ground, Standing } from '../scenario/compile/compile.ts';
import { decodeScenario } from '../scenario/schema/decode.ts';
import type { Scenario } from '../scenario/schema/decode.ts';
import type { Answer, Simulation } from './protocol.ts';
import type { Handlers } from './serve.ts';

/** Documents, and grounds to stand on, that an engine has ready: what a reader goes to and fro between. */
const KEPT = 4;

/** An engine. What did not change since the last click is not read or compiled again; the journey itself always runs. */
export function createEngine(): Handlers {
  const documents = createLru<string, ReturnType<typeof decodeScenario>>(KEPT);
  const compiled = createLru<Scenario, ReturnType<typeof compileScenario>>(KEPT);
  const grounds = createLru<string, Standing>(KEPT);
  const stand = ({ cluster, manifests, seed }: Ground): Standing =>
    grounds.get(JSON.stringify({ cluster, manifests, seed }), () =>
      standing({ cluster, manifests, seed }),
    );
  const compile = (scenario: Scenario): ReturnType<typeof compileScenario> =>
    compileScenario(scenario, stand(scenario));

  return {
    simulate({ scenario: text, choices = {} }, { shouldStop }): Answer<Simulation> {
      const decoded = documents.get(text, (unread) => decodeScenario(unread));
      if (!decoded.ok) return { kind: 'failed', diagnostics: decoded.error };
      const ready = compiled.get(decoded.value, compile);
      if (!ready.ok) return { kind: 'failed', diagnostics: ready.error };
      const { network, steps, servedBy, seed, warnings } = ready.value;
      const journey = run({ network, steps, seed, wantServedBy: servedBy, shouldStop });
      if (shouldStop()) return { kind: 'cancelled' };
      const trace = {
        ...journey,
        diagnostics: [...unknownChoices(choices), ...warnings, ...journey.diagnostics],
      };
      const value = { scenario: decoded.value, network, trace };
      return trace.unfinished === null
        ? { kind: 'done', value }
        : { kind: 'unfinished', value, why: trace.unfinished };
    },
  };
}

/** Scenarios offer no choices yet: one that a link names is told to the reader instead of being dropped. */
const unknownChoices = (choices: Readonly<Record<string, string>>): readonly Diagnostic[] =>
  Object.keys(choices).map((name) => ({
    severity: 'warning',
    place: at('link'),
    reason: `this scenario offers no choice named ${name}`,
    fix: 'take it out of the link',
  }));
