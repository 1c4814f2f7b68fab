import { describe, expect, it, vi } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import type { Outcome, ResultOf } from '../../worker/protocol.ts';
import { keepLink, linkOf, SETTLED_MS } from './link.ts';
import { openLink, type Page } from './load.ts';
import { indexNow, stepNow } from './player.ts';
import { createStores } from './stores.ts';

type Ran = Outcome<ResultOf<'simulate'>>;
const done = (): Ran =>
  ({
    kind: 'done',
    value: { trace: sampleTrace(), network: { namespaces: [] }, scenario: { title: 'A title' } },
  }) as unknown as Ran;

function page(outcome: Ran): Page {
  const call = (() => Promise.resolve(outcome)) as Page['engine']['call'];
  return { stores: createStores(), engine: { start: () => undefined, call } };
}

describe('a link', () => {
  it('opens the scenario at its first step, by itself at the built-in one', async () => {
    for (const search of ['', '?scenario=clusterip']) {
      const p = page(done());
      await openLink(p, search, '');
      expect(p.stores.simulation.getState().status).toBe('ready');
      expect(p.stores.document.getState()).toMatchObject({
        scenario: 'clusterip',
        title: 'A title',
      });
      expect(indexNow(p.stores.player.getState())).toBe(0);
    }
  });

  it.each([
    ['request.node-a.prerouting.dnat', 'nat'],
    ['7', 'nat'],
    ['request.node-a.prerouting.nat-rules.prerouting-nat', 'event'],
  ])('opens step %s at once, whatever its grain', async (step, topic) => {
    const p = page(done());
    await openLink(p, `?scenario=clusterip&step=${step}`, '');
    expect(stepNow(p.stores.player.getState())?.topic).toBe(topic);
    expect(p.stores.document.getState().missingStep).toBeNull();
  });

  it('says which step is not there, and starts at the beginning', async () => {
    const p = page(done());
    await openLink(p, '?scenario=clusterip&step=nowhere', '');
    expect(p.stores.document.getState().missingStep).toBe('nowhere');
    expect(indexNow(p.stores.player.getState())).toBe(0);
  });

  it('to an unknown scenario loads nothing in its place', async () => {
    const p = page(done());
    await openLink(p, '?scenario=clusterpi', '');
    expect(p.stores.document.getState().problem).toEqual({
      kind: 'unknown-scenario',
      name: 'clusterpi',
      suggestions: ['clusterip'],
    });
    expect(p.stores.simulation.getState().status).toBe('idle');
  });

  it('with a scenario of its own says so', async () => {
    const p = page(done());
    await openLink(p, '', '#s=1.abc');
    expect(p.stores.document.getState().problem?.kind).toBe('custom-scenario');
  });

  it('ends in the state that its outcome is', async () => {
    const failed = page({ kind: 'failed', diagnostics: [] });
    await openLink(failed, '', '');
    expect(failed.stores.simulation.getState().status).toBe('failed');
    const crashed = page({ kind: 'crashed', message: 'boom', stack: null });
    await openLink(crashed, '', '');
    expect(crashed.stores.simulation.getState()).toEqual({ status: 'crashed', message: 'boom' });
    const value = (done() as { value: ResultOf<'simulate'> }).value;
    const cut = page({ kind: 'unfinished', value, why: 'too long' });
    await openLink(cut, '', '');
    expect(cut.stores.simulation.getState()).toMatchObject({
      status: 'ready',
      unfinished: 'too long',
    });
  });
});

describe('the address bar', () => {
  it('follows the reader, once, half a second after the last move, and not while playing', async () => {
    vi.useFakeTimers();
    const p = page(done());
    await openLink(p, '?scenario=clusterip&utm=x', '');
    const written: string[] = [];
    const stop = keepLink(p.stores, (search) => written.push(search));
    const { next, toggle } = p.stores.player.getState();
    next();
    next();
    vi.advanceTimersByTime(SETTLED_MS - 1);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(written).toEqual(['?scenario=clusterip&step=request.client.arp.10.244.1.1&utm=x']);
    toggle();
    next();
    vi.advanceTimersByTime(5000);
    expect(written).toHaveLength(1);
    toggle();
    vi.advanceTimersByTime(SETTLED_MS);
    expect(written[1]).toBe(linkOf(p.stores));
    stop();
    vi.useRealTimers();
  });
});
