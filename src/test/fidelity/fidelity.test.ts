// docs/fidelity.md is printed from facts.ts, and facts.ts knows every registry.
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { MODELLED, printFidelity } from './facts.ts';
import { appliances } from '../../appliance/index.ts';
import { drivers } from '../../net/devices/index.ts';
import { matches } from '../../netfilter/matches/index.ts';
import { targets } from '../../netfilter/targets/index.ts';

describe('docs/fidelity.md', () => {
  it('is what the facts print', async () => {
    const page = await format(printFidelity(), { parser: 'markdown', printWidth: 100 });
    await expect(page).toMatchFileSnapshot('../../../docs/fidelity.md');
  });

  it('names every appliance, device, match and target', () => {
    const text = MODELLED.map(([, what]) => what).join(' ');
    for (const registry of [appliances, drivers, matches, targets])
      for (const name of Object.keys(registry)) expect(text).toContain(name);
  });
});
