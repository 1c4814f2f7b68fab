import { describe, expect, it } from 'vitest';
import type { Dev } from '../../net/types.ts';
import type { Ipv4 } from '../../wire/addr/types.ts';
import type { Kernel } from '../types.ts';
import { peerLimited, routeErrorAllowed } from './icmp-limit.ts';

const PEER = 1 as Ipv4;

/** What the limiter reads of a kernel and a device. */
function stage(): { readonly k: Kernel; readonly dev: Dev; wait(ms: number): void } {
  const rec = { now: 0 };
  const k = { rec } as unknown as Kernel;
  const dev = { ns: { peers: new Map() } } as unknown as Dev;
  return { k, dev, wait: (ms) => void (rec.now += ms * 1e6) };
}

describe('tokens of a peer', () => {
  it('allow six errors at once, then one a second', () => {
    const { k, dev, wait } = stage();
    const limited = (): boolean => peerLimited(k, dev, PEER, 1000);
    expect(Array.from({ length: 7 }, limited)).toEqual([...Array<boolean>(6).fill(false), true]);
    wait(999);
    expect(limited()).toBe(true);
    wait(1);
    expect(limited()).toBe(false);
  });

  it('are drawn on twice by a packet without a route', () => {
    const { k, dev } = stage();
    const answered = (): boolean =>
      routeErrorAllowed(k, dev, PEER) && !peerLimited(k, dev, PEER, 1000);
    expect([answered(), answered(), answered()]).toEqual([true, true, false]);
  });

  it('limit nothing where the interval is 0', () => {
    const { k, dev } = stage();
    expect(Array.from({ length: 20 }, () => peerLimited(k, dev, PEER, 0))).not.toContain(true);
  });
});
