import { expect, it } from 'vitest';
import { runFlows } from '../../../kernel/run.ts';
import { policyVariation } from './policies.ts';

const many = Array.from({ length: 12 }, (_, n) => policyVariation(5, n));

it('gives the same for the same seed and number, and reaches what it is made of', () => {
  expect(policyVariation(5, 3)).toEqual(many[3]);
  const titles = many.map(({ title }) => title).join('\n');
  for (const part of [
    'VXLAN,',
    'VXLANCrossSubnet',
    'None',
    'one subnet',
    'two subnets',
    'tcp',
    'udp',
  ])
    expect(titles).toContain(part);
});

it('is modelled: the engine has nothing to say against it', () => {
  for (const { id, topology, steps } of many) {
    const { trace, results } = runFlows({ network: topology, steps, seed: 1 });
    expect([id, trace.diagnostics, trace.unfinished]).toEqual([id, [], null]);
    expect(results).toHaveLength(3);
  }
});
