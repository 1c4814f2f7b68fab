// Whole texts: what components write (.rules) and what iptables-save shows after it (.saved).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../trace/types.ts';
import { parseSave } from './parse.ts';
import { printRule, printSave } from './print.ts';

const here = new URL('../testdata/', import.meta.url).pathname;
const shared = new URL('../../../../shared/', import.meta.url).pathname;
const familyOf = (name: string): Family => (name.startsWith('ipv6') ? 'ipv6' : 'ipv4');

/** Table name -> its text. The order of tables is the order of their first use, which a text does not tell. */
const byTable = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('COMMIT\n')
      .filter((part) => part.trim() !== '')
      .map((part) => [/^\*(\w+)/.exec(part)?.[1] ?? '', part]),
  );
function load(text: string, family: Family): string {
  const { ruleset, diagnostics } = parseSave(text, family, { source: 'test' });
  expect(diagnostics).toEqual([]);
  expect(parseSave(text, family, { source: 'test', thorough: true }).ruleset).toEqual(ruleset);
  const printed = printSave(ruleset);
  const again = parseSave(printed, family, { source: 'test' });
  expect(printSave(again.ruleset)).toBe(printed);
  return printed;
}

function checkFolder(folder: string): void {
  const names = readdirSync(folder);
  const saved = names.filter((name) => name.endsWith('.saved'));
  it('has texts', () => expect(saved.length).toBeGreaterThan(3));
  it.each(saved)('%s comes back as it is', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(load(text, familyOf(name))).toBe(text);
  });
  it.each(names.filter((name) => name.endsWith('.rules')))(
    '%s is saved as the real one',
    (name) => {
      const want = byTable(readFileSync(join(folder, name.replace('.rules', '.saved')), 'utf8'));
      const got = byTable(load(readFileSync(join(folder, name), 'utf8'), familyOf(name)));
      for (const table of Object.keys(got)) expect(got[table]).toBe(want[table]);
    },
  );
}

describe('texts of testdata', () => checkFolder(here));

describe.skipIf(!existsSync(shared))(
  'texts of ../shared (skipped where the folder is absent)',
  () => {
    if (!existsSync(shared)) {
      it('is absent', () => undefined);
      return;
    }
    checkFolder(join(shared, 'reference/iptables'));

    interface Saves {
      readonly saves: readonly { readonly ruleset: string; readonly expectedSave: string }[];
    }
    const vectors = JSON.parse(
      readFileSync(join(shared, 'conformance/kube-proxy/vectors.json'), 'utf8'),
    ) as Saves;
    it.each(vectors.saves)('kube-proxy $ruleset', ({ expectedSave }) => {
      const family = /fd00|::|ffff:/.test(expectedSave) ? 'ipv6' : 'ipv4';
      expect(load(expectedSave, family)).toBe(expectedSave);
    });

    interface Recording {
      readonly topology: {
        readonly namespaces: readonly {
          readonly name: string;
          readonly iptables?: Partial<Record<Family, string>>;
        }[];
      };
      readonly steps: readonly { readonly do: string }[];
      readonly runs: readonly {
        readonly rules_moved?: readonly {
          readonly ns: string;
          readonly family: Family;
          readonly table: string;
          readonly chain: string;
          readonly index: number | 'policy';
          readonly rule: string;
        }[];
      }[];
    }
    const recordings = join(shared, 'conformance/kernel/open');
    const withRules = readdirSync(recordings).filter((file) =>
      /"ipv[46]": ?"\*/.test(readFileSync(join(recordings, file), 'utf8')),
    );
    it.each(withRules)('recording %s: rules as the kernel listed them', (file) => {
      const { topology, runs, steps } = JSON.parse(
        readFileSync(join(recordings, file), 'utf8'),
      ) as Recording;
      const changed = steps.some((step) => step.do === 'exec');
      for (const { name, iptables } of topology.namespaces)
        for (const family of ['ipv4', 'ipv6'] as const) {
          const text = iptables?.[family];
          if (text === undefined) continue;
          load(text, family);
          if (changed) continue;
          const { ruleset } = parseSave(text, family, { source: file });
          for (const moved of runs.flatMap((run) => run.rules_moved ?? [])) {
            if (moved.ns !== name || moved.family !== family || moved.index === 'policy') continue;
            const chains = ruleset.tables.find((table) => table.name === moved.table)?.chains;
            const rule = chains?.find((chain) => chain.name === moved.chain)?.rules[
              moved.index - 1
            ];
            expect(rule && printRule(moved.chain, rule)).toBe(moved.rule);
          }
        }
    });
  },
);
