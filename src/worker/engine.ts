// What the engine answers, wherever it runs: YAML text in, the network and the trace of its journey out.
import { at } from '../base/diagnostic.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { run } from '../kernel/run.ts';
import { compileScenario } from '../scenario/compile/compile.ts';
import { decodeScenario } from '../scenario/schema/decode.ts';
import type { Answer, Params, Simulation } from './protocol.ts';
import type { CallContext, Handlers } from './serve.ts';

export const engine: Handlers = { simulate };

function simulate(
  { scenario: text, choices = {} }: Params<'simulate'>,
  { shouldStop }: Pick<CallContext, 'shouldStop'>,
): Answer<Simulation> {
  const decoded = decodeScenario(text);
  if (!decoded.ok) return { kind: 'failed', diagnostics: decoded.error };
  const compiled = compileScenario(decoded.value);
  if (!compiled.ok) return { kind: 'failed', diagnostics: compiled.error };
  const { network, steps, servedBy, seed, warnings } = compiled.value;
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
}

/** Scenarios offer no choices yet: one that a link names is told to the reader instead of being dropped. */
const unknownChoices = (choices: Readonly<Record<string, string>>): readonly Diagnostic[] =>
  Object.keys(choices).map((name) => ({
    severity: 'warning',
    place: at('link'),
    reason: `this scenario offers no choice named ${name}`,
    fix: 'take it out of the link',
  }));
