// P3: reading the rules of a large node, each with its source line, against JSON.parse of the same rules as JSON: an object a rule,
// with what the rule says and nothing else (no nulls, no defaults).
import { invariant } from '../src/base/assert.ts';
import { parseSave } from '../src/netfilter/save/parse.ts';
import { clusterWith } from './cluster.ts';
import { ratioOf } from './measure.ts';
import type { Bench } from './types.ts';

const isDefault = (value: unknown): boolean => value === null || value === false || value === 0;

export const p3: Bench = {
  id: 'P3',
  title: 'parse of 10,000 Services from iptables-save / JSON.parse of the same',
  unit: 'x',
  goal: { most: 1, stretch: 0.35 },
  async run() {
    const { network } = await clusterWith(10_000);
    const text = network.namespaces.find(({ iptables }) => iptables?.ipv4 !== undefined)?.iptables
      ?.ipv4;
    invariant(text !== undefined, 'a node has rules');
    const { ruleset, diagnostics } = parseSave(text, 'ipv4', { source: 'bench' });
    invariant(diagnostics.length === 0, 'the rules are understood');
    const rules = ruleset.tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
    invariant(rules.length > 100_000, 'there are that many rules');
    const json = JSON.stringify(ruleset, (_, value: unknown) =>
      isDefault(value) ? undefined : value,
    );
    const { ratio, ms } = await ratioOf(
      () => parseSave(text, 'ipv4', { source: 'bench' }),
      () => JSON.parse(json) as unknown,
    );
    const size = (characters: number): string => `${(characters / 1e6).toFixed(1)} MB`;
    return {
      value: ratio,
      note: `${rules.length} rules, ${ms.toFixed(0)} ms, ${size(text.length)} of text, ${size(json.length)} of JSON`,
    };
  },
};
