// Built-in scenarios as the worker would run them, for tests and the bench.
import { readFileSync } from 'node:fs';
import { run } from '../kernel/run.ts';
import { compileScenario } from '../scenario/compile/compile.ts';
import type { CompiledScenario } from '../scenario/compile/compile.ts';
import { decodeScenario } from '../scenario/schema/decode.ts';
import type { Trace } from '../trace/types.ts';

export const LIBRARY = new URL('../scenario/library/', import.meta.url);

export function compiledScenario(id: string): CompiledScenario {
  const decoded = decodeScenario(readFileSync(new URL(`${id}.yaml`, LIBRARY), 'utf8'), id);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error, null, 2));
  const compiled = compileScenario(decoded.value);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error, null, 2));
  return compiled.value;
}

export function runScenario(compiled: CompiledScenario, silent = false): Trace {
  const { network, steps, seed, servedBy } = compiled;
  return run({ network, steps, seed, wantServedBy: servedBy, silent });
}
