// ipset(8): create, add, del, flush, destroy, on the sets that the rules of the namespace ask.
import { createSets } from '../../netfilter/index.ts';
import type { Command } from './types.ts';

export const ipset: Command = (_k, ns, words) => {
  const [verb = '', ...rest] = words.filter((w) => w !== '-exist' && w !== '-!' && w !== '-q');
  const exist = words.includes('-exist') || words.includes('-!');
  const [name = '', ...more] = rest;
  const set = ns.sets.get(name);
  if (verb === 'create' || verb === '-N') {
    if (set !== undefined) return exist ? null : 'set with the same name already exists';
    const family = more[more.indexOf('family') + 1];
    const spec = { name, type: more[0] ?? '', entries: [] };
    const made = createSets([more.includes('family') && family ? { ...spec, family } : spec]);
    for (const [key, value] of made.sets) ns.sets.set(key, value);
    return made.diagnostics[0]?.reason ?? null;
  }
  if (set === undefined && name !== '') return 'the set with the given name does not exist';
  const sets = set === undefined ? [...ns.sets.values()] : [set];
  switch (verb) {
    case 'flush':
    case '-F':
      for (const one of sets) one.entries.clear();
      return null;
    case 'destroy':
    case '-X':
      for (const one of sets) ns.sets.delete(one.name);
      return null;
    case 'add':
    case 'del':
    case '-A':
    case '-D': {
      if (set === undefined) return 'no set named';
      const spec = { name, type: set.type, family: set.family, entries: [more.join(' ')] };
      const made = createSets([spec]);
      const problem = made.diagnostics.find((d) => d.severity === 'error');
      if (problem !== undefined) return problem.reason;
      for (const [key, entry] of made.sets.get(name)?.entries ?? [])
        if (verb === 'add' || verb === '-A') set.entries.set(key, entry);
        else if (!set.entries.delete(key) && !exist) return 'it is not in the set';
      return null;
    }
    default:
      return `ipset ${verb} is not modelled`;
  }
};
