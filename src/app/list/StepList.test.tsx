import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import { PacketPanel } from '../panels/PacketPanel.tsx';
import { PathBar } from '../shell/PathBar.tsx';
import { Transport } from '../shell/Transport.tsx';
import { indexNow, stepsNow } from '../store/player.ts';
import { createStores, StoresProvider } from '../store/stores.ts';
import { StepCard } from './StepCard.tsx';
import { StepList } from './StepList.tsx';

function show() {
  const stores = createStores();
  stores.player.getState().open(sampleTrace());
  const { container } = render(
    <StoresProvider value={stores}>
      <PathBar />
      <StepList />
      <StepCard />
      <PacketPanel />
      <Transport />
    </StoresProvider>,
  );
  const region = (name: string): HTMLElement =>
    container.querySelector<HTMLElement>(`[data-region="${name}"]`)!;
  return { stores, region };
}
afterEach(cleanup);

describe('the regions', () => {
  it('agree on the number of steps and on the step that is shown', () => {
    const { stores, region } = show();
    const count = stepsNow(stores.player.getState()).length;
    for (const step of [1, 7, count]) {
      fireEvent.change(within(region('Transport')).getByRole('slider'), {
        target: { value: `${step}` },
      });
      expect(region('Transport').dataset).toMatchObject({ step: `${step}`, steps: `${count}` });
      const items = region('StepList').querySelectorAll('ol > li');
      expect(items).toHaveLength(count);
      expect(items[step - 1]!.querySelector('[aria-current="step"]')).not.toBeNull();
      expect(region('StepList').querySelectorAll('[aria-current="step"]')).toHaveLength(1);
    }
  });

  it('go to the step that is clicked, and say what happens there', () => {
    const { region } = show();
    fireEvent.click(
      within(region('StepList')).getByRole('button', { name: /The destination is rewritten/ }),
    );
    expect(region('Transport').dataset['step']).toBe('7');
    expect(region('StepCard').textContent).toContain('10.96.0.20:80');
    const panel = region('PacketPanel');
    expect(panel.textContent).toContain('Destination Address');
    expect(panel.textContent).toMatch(/10\.96\.0\.20.*10\.244\.2\.7/);
    expect(
      within(region('PathBar')).getByRole('button', { current: 'location' }).textContent,
    ).toContain('PREROUTING');
  });

  it('show the stations of a folded packet in its place', () => {
    const { stores, region } = show();
    const count = stepsNow(stores.player.getState()).length;
    fireEvent.click(
      within(region('StepList')).getAllByRole('button', { name: 'Show its stations' })[0]!,
    );
    expect(region('StepList').querySelectorAll('ol > li').length).toBeGreaterThan(count);
    fireEvent.click(screen.getByRole('button', { name: 'Fold its stations' }));
    expect(region('StepList').querySelectorAll('ol > li')).toHaveLength(count);
  });

  it('stop at both ends', () => {
    const { stores, region } = show();
    const bar = within(region('Transport'));
    expect(bar.getByRole('button', { name: 'Previous' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    fireEvent.click(bar.getByRole('button', { name: 'Last step' }));
    const end = indexNow(stores.player.getState());
    fireEvent.click(bar.getByRole('button', { name: 'Next' }));
    expect(indexNow(stores.player.getState())).toBe(end);
    expect(bar.getByRole('button', { name: 'Replay' })).toBeDefined();
  });
});
