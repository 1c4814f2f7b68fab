import { describe, expect, it } from 'vitest';
import type { Dst } from '../../net/types.ts';
import { PMTUDISC, planDatagram } from './datagram.ts';

const dst = (mtu: number): Dst => ({ mtu, dev: { mtu: 1500 } }) as unknown as Dst;

describe('planDatagram', () => {
  it.each([
    // pmtudisc, length, path MTU -> df, ignoreDf; null: EMSGSIZE
    [PMTUDISC.want, 1000, 1400, { df: true, ignoreDf: true }],
    [PMTUDISC.want, 1450, 1400, { df: false, ignoreDf: true }],
    [PMTUDISC.dont, 1000, 1400, { df: false, ignoreDf: true }],
    [PMTUDISC.dont, 9000, 1400, { df: false, ignoreDf: true }],
    [PMTUDISC.do, 1400, 1400, { df: true, ignoreDf: false }],
    [PMTUDISC.do, 1401, 1400, null],
    // PROBE looks at the device, not at what was learned of the path.
    [PMTUDISC.probe, 1450, 1400, { df: true, ignoreDf: false }],
    [PMTUDISC.probe, 1501, 1400, null],
    [PMTUDISC.want, 70_000, 1400, null],
  ])('pmtudisc %d, %d bytes, MTU %d', (pmtudisc, length, mtu, expected) => {
    expect(planDatagram(dst(mtu), length, pmtudisc)).toEqual(expected);
  });
});
