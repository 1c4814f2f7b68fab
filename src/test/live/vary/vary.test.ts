// Variations are values of their seed, use only words that a network has and the engine models, and reach all that they are made of.
import { describe, expect, it } from 'vitest';
import { runFlows } from '../../../kernel/run.ts';
import { networkScript } from '../../../network/script.ts';
import { unknownKeys, unknownStepKeys } from '../../predict/vocabulary.ts';
import { needsOf } from '../machine.ts';
import { FAULTS } from './faults.ts';
import { variation } from './index.ts';

const many = Array.from({ length: 400 }, (_, n) => variation(7, n));

describe('variations', () => {
  it('are the same for the same seed and number, and else not', () => {
    expect(variation(3, 4)).toEqual(variation(3, 4));
    expect(variation(3, 5).topology).not.toEqual(variation(3, 4).topology);
    expect(variation(4, 4).topology).not.toEqual(variation(3, 4).topology);
  });

  it('reach every fault, CNI, protocol and family', () => {
    const titles = many.map(({ title }) => title).join('\n');
    expect(Object.keys(FAULTS).filter((name) => !titles.includes(name))).toEqual([]);
    for (const part of [
      'IPv6',
      'aws',
      'routed',
      'bridge',
      'vxlan',
      'node port',
      'balancer',
      'sticky',
    ])
      expect(titles).toContain(part);
    for (const proto of ['tcp', 'udp', 'icmp', 'raw-tcp'])
      expect(
        many.some(({ steps }) => steps.some((s) => s.do === 'flow' && s.proto === proto)),
      ).toBe(true);
  });

  it('have names that Linux takes, and no word that a network has not', () => {
    for (const { id, topology, steps } of many) {
      expect(unknownKeys(topology, 'network', id)).toEqual([]);
      expect(steps.flatMap((step) => unknownStepKeys(step, id))).toEqual([]);
      for (const { devices } of topology.namespaces)
        for (const { name } of devices) expect(name.length).toBeLessThanOrEqual(15);
      const macs = topology.namespaces.flatMap(({ devices }) =>
        devices.flatMap(({ mac }) => mac ?? []),
      );
      expect(new Set(macs).size).toBe(macs.length);
      const lines = networkScript(topology).flatMap((section) => section.lines);
      expect(lines.filter((line) => /undefined|NaN|[^/]null/.test(line))).toEqual([]);
      expect(needsOf(topology)).toContain('veth');
    }
  });

  it('are modelled: the engine has nothing to say against them', () => {
    for (const { id, topology, steps } of many.slice(0, 60)) {
      const { trace } = runFlows({ network: topology, steps, seed: 1 });
      expect([id, trace.diagnostics, trace.unfinished]).toEqual([id, [], null]);
    }
  });
});
