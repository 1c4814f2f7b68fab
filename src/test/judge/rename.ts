// Ports and ids that the kernel chose are called eph1, eph2, ... and the names are free: before two runs are compared, the engine's
// are renamed to those which stand at the same places in the kernel's run.
import type { Json } from '../predict/observe.ts';
import { canon, text, without } from './canon.ts';
import type { JsonObject, Run } from './types.ts';

const CHOSEN = /^eph\d+$/;
const isChosen = (value: Json): value is string => typeof value === 'string' && CHOSEN.test(value);

function mapChosen(value: Json, rename: (name: string) => Json): Json {
  if (isChosen(value)) return rename(value);
  if (Array.isArray(value)) return value.map((one: Json) => mapChosen(one, rename));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, mapChosen(one, rename)]),
  );
}

/** Sequence numbers beyond this (as large as what is told relative to a SYN, observe.ts) are of a connection whose SYN was not seen:
 *  random, so only where they stand is compared. */
const RELATIVE = 1 << 22;

export function withoutRandomNumbers(run: Run): Run {
  const blind = (one: Json, key: string): Json => {
    if ((key === 'seq' || key === 'ack') && typeof one === 'number')
      return Math.abs(one) < RELATIVE ? one : 'random';
    if (Array.isArray(one)) return one.map((item: Json) => blind(item, ''));
    if (one === null || typeof one !== 'object') return one;
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [name, blind(item, name)]));
  };
  return blind(run as JsonObject, '') as Run;
}

function* places(value: Json, path: string): Generator<readonly [name: string, path: string]> {
  if (isChosen(value)) yield [value, path];
  else if (Array.isArray(value)) {
    let i = 0;
    for (const one of value as readonly Json[]) yield* places(one, `${path}[${i++}]`);
  } else if (value !== null && typeof value === 'object')
    for (const [key, one] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      yield* places(one, `${path}.${key}`);
}

/** For each chosen name, where it stands, in terms that do not depend on the names: on the wire first, then in conntrack. */
function signatures(run: Run): ReadonlyMap<string, string> {
  const wire = new Map<string, string[]>();
  const tracked = new Map<string, string[]>();
  const note = (into: Map<string, string[]>, value: Json, place: string): void => {
    for (const [name, path] of places(value, place))
      into.set(name, [...(into.get(name) ?? []), path]);
  };
  const counts = new Map<string, number>();
  for (const o of run.observations ?? []) {
    const place = `${text(o['ns'])}:${text(o['if'])}:${text(o['dir'])}`;
    const n = counts.get(place) ?? 0;
    counts.set(place, n + 1);
    note(wire, without(o, 'i', 't_us', 'pkt'), `${place}#${n}`);
  }
  for (const [ns, entries] of Object.entries(run.conntrack ?? {}))
    for (const entry of entries) {
      const blind = mapChosen(withSortedFlags(entry), () => 'eph');
      note(tracked, entry, `${ns}:${canon(blind)}`);
    }
  const names = [...wire.keys(), ...[...tracked.keys()].filter((name) => !wire.has(name))];
  return new Map(
    names.map((name) => [
      name,
      [...(wire.get(name) ?? []), ...(tracked.get(name) ?? []).sort()].join('|'),
    ]),
  );
}

export const withSortedFlags = (entry: JsonObject): JsonObject => {
  const flags = entry['flags'];
  return { ...entry, flags: Array.isArray(flags) ? flags.map(text).sort() : [] };
};

/** The engine's run with the kernel's names. What has no counterpart gets a name that nothing equals. */
export function renamedLike(kernel: Run, engine: Run): Run {
  const free = new Map(signatures(kernel));
  const names = new Map<string, string>();
  for (const [mine, signature] of signatures(engine)) {
    const match = [...free].find(([, other]) => other === signature)?.[0];
    names.set(mine, match ?? `?${mine}`);
    if (match !== undefined) free.delete(match);
  }
  return mapChosen(engine as JsonObject, (name) => names.get(name) ?? `?${name}`) as Run;
}
