// What the engine answers, wherever it runs: YAML text in, the network and the trace of its journey out.
import { run } from '../kernel/run.ts';
import { compileScenario } from '../scenario/compile/compile.ts';
import { decodeScenario } from '../scenario/schema/decode.ts';
import type { Handlers } from './serve.ts';

export const engine: Handlers = {
  simulate({ scenario }, context) {
    const decoded = decodeScenario(scenario);
    if (!decoded.ok) return { kind: 'failed', diagnostics: decoded.error };
    const compiled = compileScenario(decoded.value);
    if (!compiled.ok) return { kind: 'failed', diagnostics: compiled.error };
    const { network, steps, servedBy, seed, warnings } = compiled.value;
    const trace = run({
      network,
      steps,
      seed,
      wantServedBy: servedBy,
      shouldStop: () => context.shouldStop(),
    });
    const value = {
      network,
      trace: { ...trace, diagnostics: [...warnings, ...trace.diagnostics] },
    };
    if (context.shouldStop()) return { kind: 'cancelled' };
    return trace.unfinished === null
      ? { kind: 'done', value }
      : { kind: 'unfinished', value, why: trace.unfinished };
  },
};
