// Partial syncs against upstream's own sequence of them (TestSyncProxyRulesRepeated), where the conformance folder is at hand.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyCommand, createState, printRestore } from '../iptables/state.ts';
import { SERVICE_NAME_LABEL } from '../objects/endpoint-slice.ts';
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import { fullName, namespaceOf } from '../objects/meta.ts';
import type { Service } from '../objects/service.ts';
import { syncProxyRules } from './sync.ts';
import { configOf } from './vectors.ts';
import type { RulesetCase } from './vectors.ts';

const PATH = new URL('../../../../shared/conformance/kube-proxy/vectors.json', import.meta.url);

type Op =
  | readonly ['addService' | 'updateService', Service]
  | readonly ['addSlice' | 'updateSlice', EndpointSlice]
  | readonly ['deleteService' | 'deleteSlice', string | EndpointSlice];
interface Sequence extends RulesetCase {
  readonly steps: readonly {
    readonly note: string;
    readonly ops: readonly Op[];
    readonly restoreFails: boolean;
    readonly expectedRestoreInput: string | null;
  }[];
}

/** Order among Services is open, so texts are compared as sets of lines. */
const lines = (text: string): readonly string[] => text.split('\n').sort();

describe.skipIf(!existsSync(PATH))('partial syncs', () => {
  it('rewrite what changed, and only that', () => {
    const { incremental } = JSON.parse(readFileSync(PATH, 'utf8')) as { incremental: Sequence[] };
    let compared = 0;
    for (const sequence of incremental) {
      const services = new Map<string, Service>();
      const slices = new Map<string, EndpointSlice>();
      const kernel = createState();
      let full = true;
      for (const step of sequence.steps) {
        const changed = new Set<string>();
        for (const [op, target] of step.ops) {
          const key = typeof target === 'string' ? target : fullName(target);
          if (op.endsWith('Service')) {
            changed.add(key);
            if (op === 'deleteService') services.delete(key);
            else services.set(key, target as Service);
          } else {
            const slice = typeof target === 'string' ? slices.get(key) : (target as EndpointSlice);
            if (slice === undefined) continue;
            changed.add(`${namespaceOf(slice)}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`);
            if (op === 'deleteSlice') slices.delete(key);
            else slices.set(key, slice);
          }
        }
        const unchanged = new Set(full ? [] : [...services.keys()].filter((k) => !changed.has(k)));
        const restore = syncProxyRules(
          {
            services: [...services.values()],
            slices: [...slices.values()],
            unchanged,
            existing: [...(kernel.tables.get('nat')?.keys() ?? [])],
          },
          configOf(sequence),
        );
        full = step.restoreFails;
        if (!step.restoreFails) applyCommand(kernel, restore);
        if (step.expectedRestoreInput === null) continue;
        expect([step.note, ...lines(printRestore(restore))]).toEqual([
          step.note,
          ...lines(step.expectedRestoreInput),
        ]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(8);
  });
});
