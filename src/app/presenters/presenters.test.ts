import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import { stepsOf } from '../../trace/steps/index.ts';
import { GRAINS } from '../../trace/steps/station.ts';
import { leaves } from '../../trace/steps/fine.ts';
import { tell } from './index.ts';

const trace = sampleTrace();
const overview = stepsOf(trace, 'overview');
const words = (text: string): number =>
  text.split(/\s+/).filter((w) => /[\p{L}\d]/u.test(w)).length;

describe('what a step is told as', () => {
  it('has a place, a headline and a sentence at every grain', () => {
    for (const grain of GRAINS)
      for (const step of stepsOf(trace, grain)) {
        const told = tell(trace, step);
        expect(told.where, step.id).not.toBe('');
        expect(told.title, step.id).not.toBe('');
        expect(told.what, step.id).toMatch(/\S/);
        expect(`${told.title} ${told.what} ${told.why}`, step.id).not.toMatch(
          /undefined|NaN|\[object|null/,
        );
      }
  });

  it('has a reason and at most 40 words in the overview, folds included', () => {
    for (const step of [...overview, ...leaves(overview)]) {
      const { what, why } = tell(trace, step);
      expect(why, step.id).toMatch(/\S/);
      expect(words(`${what} ${why}`), `${step.id}: ${what} ${why}`).toBeLessThanOrEqual(40);
    }
  });

  it('tells the journey: who calls, what is chosen, changed, wrapped, and put back', () => {
    const text = overview.map((s) => Object.values(tell(trace, s)).join(' ')).join('\n');
    for (const fact of [
      'curl opens a connection: the kernel builds a SYN from 10.244.1.5:40001 to 10.96.0.20:80',
      'No device anywhere has 10.96.0.20',
      'KUBE-SERVICES 3 → KUBE-SVC-LOLE4ISW44XBNF3G 2 → KUBE-SEP-6UPWGGTAKQAHVD27 2: DNAT',
      'destination changes from 10.96.0.20:80 to 10.244.2.7:8080',
      'from 192.168.1.11 to 192.168.1.12, VNI 1',
      'changes from 10.244.2.7:8080 to 10.96.0.20:80',
      'the client waits for 10.96.0.20:80',
    ])
      expect(text).toContain(fact);
  });

  it('names the change of a rewrite', () => {
    const nat = overview.find((s) => s.id.endsWith('prerouting.dnat'))!;
    expect(tell(trace, nat)).toMatchObject({
      where: 'node-a · PREROUTING',
      change: { before: '10.96.0.20:80', after: '10.244.2.7:8080' },
    });
  });

  it('is the same value for the same step', () =>
    expect(tell(trace, overview[0]!)).toBe(tell(trace, overview[0]!)));
});
