import { afterEach, describe, expect, it, vi } from 'vitest';
import { at } from '../base/diagnostic.ts';
import { unpack } from './packing.ts';
import { portChannel } from './protocol.ts';
import type { Channel, FromEngine, ToEngine } from './protocol.ts';
import { serveEngine } from './serve.ts';
import type { Handlers } from './serve.ts';
import { emptySimulation } from './testing.ts';

const channels: Channel<ToEngine, FromEngine>[] = [];
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
});

/** A page that keeps all it hears. */
function page(simulate: Handlers['simulate']) {
  const { port1, port2 } = new MessageChannel();
  const channel = portChannel<ToEngine, FromEngine>(port1);
  channels.push(channel);
  const heard: FromEngine[] = [];
  channel.listen((message) => heard.push(message));
  // Everything there was, opened as the page's client opens it.
  const opened = () =>
    heard.map((message) => {
      if (message.kind !== 'outcome') return message;
      const { outcome } = message;
      if (outcome.kind !== 'done' && outcome.kind !== 'unfinished') return message;
      return { ...message, outcome: { ...outcome, value: unpack(outcome.value, null).simulation } };
    });
  serveEngine(portChannel<FromEngine, ToEngine>(port2), { simulate });
  const call = (id: number, scenario = 'x') =>
    channel.post({ kind: 'call', id, method: 'simulate', params: { scenario }, has: null });
  const cancel = (id: number) => channel.post({ kind: 'cancel', id });
  const outcomes = () => opened().filter((message) => message.kind === 'outcome');
  const until = (count: number) =>
    vi.waitFor(() => expect(outcomes()).toHaveLength(count), { timeout: 5000 });
  return { heard, opened, outcomes, call, cancel, until };
}

describe('serveEngine', () => {
  it('says that it is ready, then answers calls in order', async () => {
    const value = emptySimulation();
    const { opened, call, until } = page(() => ({ kind: 'done', value }));
    call(1);
    call(2);
    await until(2);
    expect(opened()).toEqual([
      { kind: 'ready' },
      { kind: 'outcome', id: 1, outcome: { kind: 'done', value } },
      { kind: 'outcome', id: 2, outcome: { kind: 'done', value } },
    ]);
  });

  it('tells a mistake of the user, a used-up budget and a bug apart', async () => {
    const value = emptySimulation();
    const diagnostics = [
      { severity: 'error', place: at('scenario', 3), reason: 'no such pod', fix: null } as const,
    ];
    const { outcomes, call, until } = page(({ scenario }) => {
      if (scenario === 'bug') throw new TypeError('undefined is not a packet');
      return scenario === 'mistake'
        ? { kind: 'failed', diagnostics }
        : { kind: 'unfinished', value, why: 'eventsPerRun' };
    });
    call(1, 'mistake');
    call(2, 'budget');
    call(3, 'bug');
    await until(3);
    const [mistake, budget, bug] = outcomes().map(({ outcome }) => outcome);
    expect(mistake).toEqual({ kind: 'failed', diagnostics });
    expect(budget).toEqual({ kind: 'unfinished', value, why: 'eventsPerRun' });
    expect(bug).toMatchObject({ kind: 'crashed', message: 'undefined is not a packet' });
    expect(bug?.kind === 'crashed' && bug.stack).toContain('TypeError');
  });

  it('reports an answer that cannot be copied as a crash', async () => {
    const value = { ...emptySimulation(), extra: () => {} };
    const { outcomes, call, until } = page(() => ({ kind: 'done', value }));
    call(1);
    await until(1);
    expect(outcomes()[0]?.outcome.kind).toBe('crashed');
  });

  it('sends progress before the outcome', async () => {
    const { heard, call, until } = page((_, { progress }) => {
      progress({ done: 2000, total: null });
      return { kind: 'done', value: emptySimulation() };
    });
    call(7);
    await until(1);
    expect(heard.map((message) => message.kind)).toEqual(['ready', 'progress', 'outcome']);
    expect(heard[1]).toEqual({ kind: 'progress', id: 7, progress: { done: 2000, total: null } });
  });

  it('lets a running handler see that it was cancelled', async () => {
    let rounds = 0;
    const { outcomes, heard, call, cancel, until } = page(async (_, context) => {
      context.progress({ done: 0, total: null });
      while (!context.shouldStop()) {
        rounds += 1;
        await context.breathe();
      }
      return { kind: 'cancelled' };
    });
    call(1);
    await vi.waitFor(() => expect(heard.at(-1)?.kind).toBe('progress'));
    cancel(1);
    await until(1);
    expect(rounds).toBeGreaterThan(0);
    expect(outcomes()[0]?.outcome).toEqual({ kind: 'cancelled' });
  });

  it('does not run a call that was cancelled while it waited', async () => {
    const seen: string[] = [];
    const { outcomes, call, cancel, until } = page(({ scenario }) => {
      seen.push(scenario);
      return { kind: 'done', value: emptySimulation() };
    });
    call(1, 'first');
    call(2, 'second');
    call(3, 'third');
    cancel(2);
    await until(3);
    expect(seen).toEqual(['first', 'third']);
    expect(outcomes()[1]?.outcome).toEqual({ kind: 'cancelled' });
  });
});
