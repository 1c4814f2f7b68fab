import { describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import type { Link } from './connect.ts';
import { emptySimulation, fakeEngine } from './testing.ts';

const handlers = { simulate: () => ({ kind: 'done', value: emptySimulation() }) as const };
const forbidden = (): Link => {
  throw new Error('workers are forbidden here');
};
const closeOf = (connected: Awaited<ReturnType<typeof connect>>): void => {
  if (connected.ok) connected.link.channel.close();
};

describe('connect', () => {
  it('takes the worker, and leaves the main thread alone', async () => {
    const worker = fakeEngine(handlers);
    const mainThread = fakeEngine(handlers);
    const connected = await connect({
      worker: worker.spawn,
      mainThread: mainThread.spawn,
      patience: 2000,
    });
    expect(connected.ok).toBe(true);
    expect([worker.spawned(), mainThread.spawned(), worker.closed()]).toEqual([1, 0, 0]);
    closeOf(connected);
  });

  it('takes the main thread at once where workers are forbidden', async () => {
    const mainThread = fakeEngine(handlers);
    const connected = await connect({
      worker: forbidden,
      mainThread: mainThread.spawn,
      patience: 60_000,
    });
    expect(connected.ok).toBe(true);
    expect(mainThread.spawned()).toBe(1);
    closeOf(connected);
  });

  it('takes the main thread at once when the script of the worker does not load', async () => {
    const worker = fakeEngine(null);
    const mainThread = fakeEngine(handlers);
    const connecting = connect({
      worker: worker.spawn,
      mainThread: mainThread.spawn,
      patience: 60_000,
    });
    worker.kill('404');
    const connected = await connecting;
    expect(connected.ok).toBe(true);
    expect([worker.closed(), mainThread.spawned()]).toEqual([1, 1]);
    closeOf(connected);
  });

  it('does not wait for ever for a worker that hangs', async () => {
    const worker = fakeEngine(null);
    const mainThread = fakeEngine(handlers);
    const connected = await connect({
      worker: worker.spawn,
      mainThread: mainThread.spawn,
      patience: 20,
    });
    expect(connected.ok).toBe(true);
    expect([worker.closed(), mainThread.closed()]).toEqual([1, 0]);
    closeOf(connected);
  });

  it('still takes a slow worker when it is ready before the main thread', async () => {
    const worker = fakeEngine(handlers, 60);
    const mainThread = fakeEngine(null);
    const connected = await connect({
      worker: worker.spawn,
      mainThread: mainThread.spawn,
      patience: 10,
    });
    expect(connected.ok).toBe(true);
    expect([worker.closed(), mainThread.closed()]).toEqual([0, 1]);
    closeOf(connected);
  });

  it('says both reasons when neither starts', async () => {
    const mainThread = fakeEngine(null);
    const connecting = connect({
      worker: forbidden,
      mainThread: mainThread.spawn,
      patience: 60_000,
    });
    mainThread.kill('the network is gone');
    expect(await connecting).toEqual({
      ok: false,
      message: 'workers are forbidden here; the network is gone',
    });
  });
});
