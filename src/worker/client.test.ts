import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngineClient } from './client.ts';
import type { EngineClient } from './client.ts';
import type { Handlers } from './serve.ts';
import { emptySimulation, fakeEngine } from './testing.ts';

const clients: EngineClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
});

function clientOf(simulate: Handlers['simulate'] | null, cancelGrace = 500) {
  const worker = fakeEngine(simulate === null ? null : { simulate });
  const mainThread = fakeEngine(null);
  const client = createEngineClient({
    spawns: { worker: worker.spawn, mainThread: mainThread.spawn, patience: 5000 },
    cancelGrace,
  });
  clients.push(client);
  return { client, worker };
}
const seedOf: Handlers['simulate'] = ({ scenario }) => ({
  kind: 'done',
  value: emptySimulation(Number(scenario)),
});

describe('the engine client', () => {
  it('starts an engine with the first call, and keeps it', async () => {
    const { client, worker } = clientOf(seedOf);
    expect(worker.spawned()).toBe(0);
    for (const seed of [1, 2, 3])
      expect(await client.call('simulate', { scenario: `${seed}` })).toEqual({
        kind: 'done',
        value: emptySimulation(seed),
      });
    expect(worker.spawned()).toBe(1);
  });

  it('starts ahead of the first call when asked to', async () => {
    const { client, worker } = clientOf(seedOf);
    client.start();
    client.start();
    expect(worker.spawned()).toBe(1);
    expect((await client.call('simulate', { scenario: '1' })).kind).toBe('done');
    expect(worker.spawned()).toBe(1);
  });

  it('lets the newest call win, and cancels the others', async () => {
    const ran: string[] = [];
    const { client } = clientOf((params, context) => {
      ran.push(params.scenario);
      return seedOf(params, context);
    });
    const outcomes = await Promise.all(
      ['1', '2', '3'].map((scenario) => client.call('simulate', { scenario })),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(['cancelled', 'cancelled', 'done']);
    expect(ran).toEqual(['3']);
  });

  it('obeys an abort signal before and during the call', async () => {
    const { client } = clientOf(async (_, context) => {
      context.progress({ done: 1, total: 9 });
      while (!context.shouldStop()) await context.breathe();
      return { kind: 'cancelled' };
    });
    const early = new AbortController();
    early.abort();
    expect(await client.call('simulate', { scenario: '' }, { signal: early.signal })).toEqual({
      kind: 'cancelled',
    });
    const late = new AbortController();
    const onProgress = vi.fn(() => late.abort());
    expect(
      await client.call('simulate', { scenario: '' }, { signal: late.signal, onProgress }),
    ).toEqual({ kind: 'cancelled' });
    expect(onProgress).toHaveBeenCalledWith({ done: 1, total: 9 });
  });

  it('keeps an engine that confirms a cancel in time', async () => {
    const { client, worker } = clientOf(async ({ scenario }, context) => {
      if (scenario !== 'long') return { kind: 'done', value: emptySimulation() };
      context.progress({ done: 0, total: null });
      while (!context.shouldStop()) await context.breathe();
      return { kind: 'cancelled' };
    }, 200);
    let begun = (): void => {};
    const progress = new Promise<void>((resolve) => (begun = resolve));
    const first = client.call('simulate', { scenario: 'long' }, { onProgress: () => begun() });
    await progress;
    const second = client.call('simulate', { scenario: 'short' });
    expect((await first).kind).toBe('cancelled');
    expect((await second).kind).toBe('done');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([worker.spawned(), worker.closed()]).toEqual([1, 0]);
  });

  it('ends an engine that does not let go, and runs the newest call on another one', async () => {
    let hang = true;
    const { client, worker } = clientOf(async ({ scenario }) => {
      if (hang) {
        hang = false;
        await new Promise(() => {});
      }
      return { kind: 'done', value: emptySimulation(Number(scenario)) };
    }, 30);
    const first = client.call('simulate', { scenario: '1' });
    await vi.waitFor(() => expect(hang).toBe(false));
    const second = client.call('simulate', { scenario: '2' });
    expect(await first).toEqual({ kind: 'cancelled' });
    expect(await second).toEqual({ kind: 'done', value: emptySimulation(2) });
    expect([worker.spawned(), worker.closed()]).toEqual([2, 1]);
  });

  it('reports the death of an engine to the open call, and starts another for the next', async () => {
    const { client, worker } = clientOf(async ({ scenario }) => {
      if (scenario === 'hang') await new Promise(() => {});
      return { kind: 'done', value: emptySimulation() };
    });
    expect((await client.call('simulate', { scenario: '1' })).kind).toBe('done');
    const open = client.call('simulate', { scenario: 'hang' });
    worker.kill('out of memory');
    expect(await open).toEqual({ kind: 'crashed', message: 'out of memory', stack: null });
    expect((await client.call('simulate', { scenario: '2' })).kind).toBe('done');
    expect(worker.spawned()).toBe(2);
  });

  it('says why no engine starts', async () => {
    const spawn = () => {
      throw new Error('forbidden');
    };
    const client = createEngineClient({
      spawns: { worker: spawn, mainThread: spawn, patience: 1000 },
    });
    expect(await client.call('simulate', { scenario: '' })).toEqual({
      kind: 'crashed',
      message: 'The engine did not start: forbidden; forbidden',
      stack: null,
    });
  });

  it('lets go of everything when disposed', async () => {
    const { client, worker } = clientOf(() => new Promise(() => {}));
    client.start();
    const open = client.call('simulate', { scenario: '' });
    client.dispose();
    expect(await open).toEqual({ kind: 'cancelled' });
    expect(await client.call('simulate', { scenario: '' })).toEqual({ kind: 'cancelled' });
    await vi.waitFor(() => expect(worker.closed()).toBe(1));
  });
});
