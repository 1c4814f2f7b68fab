// The card says where a journey breaks Kubernetes' network model.
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { compiled, runCluster } from '../../test/cluster-run.ts';
import { clusterOf, flowsOf, MANIFESTS, PORT } from '../../test/cluster-table/flows.ts';
import { variants } from '../../test/cluster-table/variants.ts';
import { modelBreaches } from '../../trace/model/network-model.ts';
import type { Trace } from '../../trace/types.ts';
import { createStores, StoresProvider } from '../store/stores.ts';
import { StepCard } from './StepCard.tsx';

afterEach(cleanup);

/** Pods of other nodes see the node: the bridge plugin masquerades all that leaves the node's own range. */
function masqueraded(): Trace {
  const variant = variants.find(({ options }) => options['ipMasq'] === true)!;
  const cluster = compiled(clusterOf(variant, ['IPv4']), MANIFESTS);
  const flow = flowsOf(cluster, 'IPv4')['pod to pod on another node'];
  return runCluster(cluster, [flow], PORT).trace;
}

it('names the pod that is seen by another address, at the step that rewrites it', () => {
  const trace = masqueraded();
  const stores = createStores();
  const { player } = stores;
  player.getState().open(trace);
  const { container } = render(
    <StoresProvider value={stores}>
      <StepCard />
    </StoresProvider>,
  );
  const note = (): string => container.querySelector('.stepcard-model')?.textContent ?? '';
  expect(note()).toBe('');
  const [breach] = modelBreaches(trace);
  player.getState().seekEvent(breach!.seq!);
  return Promise.resolve().then(() => {
    expect(note()).toContain('client has the address 10.244.1.2, but other sees 192.168.1.11');
  });
});
