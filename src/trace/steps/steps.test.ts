import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import type { Trace } from '../types.ts';
import { findStep, journeyOf, stepsOf } from './index.ts';
import { leaves } from './fine.ts';
import { LIMIT, overviewOf } from './overview.ts';
import { GRAINS } from './station.ts';
import type { Step } from './types.ts';

const trace = sampleTrace();
const overview = journeyOf(trace).overview;
const ids = (steps: readonly Step[]): string[] => steps.flatMap((s) => [s.id, ...ids(s.children)]);

/** Every event is told once, or set apart by name. */
function expectPartition(t: Trace): void {
  const journey = overviewOf(t);
  const told = [
    ...journey.overview.flatMap((s) => s.events),
    ...journey.background.flatMap((b) => b.events),
  ];
  expect(told.sort((a, b) => a - b)).toEqual(t.events.map((e) => e.seq));
}

describe('overview', () => {
  it('tells every event exactly once', () => expectPartition(trace));

  it('tells the events of a folded packet exactly once in its stations', () => {
    for (const step of overview.filter((s) => s.expandable))
      expect([...leaves([step]).flatMap((s) => s.events)].sort((a, b) => a - b)).toEqual(
        step.events,
      );
  });

  it('shows the way of the request station by station', () => {
    expect(overview.filter((s) => s.phase.kind === 'request').map((s) => s.id)).toEqual([
      'request.client.socket',
      'request.client.route',
      'request.client.arp.10.244.1.1',
      'request.node-a.link',
      'request.node-a.prerouting.conntrack',
      'request.node-a.prerouting.nat-rules',
      'request.node-a.prerouting.dnat',
      'request.node-a.route',
      'request.node-a.forward',
      'request.node-a.postrouting',
      'request.node-a.next-hop',
      'request.node-a.encap',
      'request.node-a.outer-output',
      'request.node-a.arp.192.168.1.12',
      'request.node-b.wire',
      'request.node-b.outer-input',
      'request.node-b.decap',
      'request.node-b.prerouting',
      'request.node-b.forward-postrouting',
      'request.node-b.arp.10.244.2.7',
      'request.web.link',
      'request.web.deliver',
    ]);
  });

  it('shows the reply in full and folds the rest, a packet a step', () => {
    const reply = overview.filter((s) => s.phase.kind === 'reply').map((s) => s.topic);
    expect(reply).toContain('nat');
    expect(reply.at(-1)).toBe('deliver');
    const rest = overview.filter((s) => s.phase.kind === 'conversation' && s.topic !== 'result');
    expect(rest.map((s) => s.topic)).toEqual(rest.map(() => 'packet'));
    expect(rest).toHaveLength(8);
  });

  it('is never longer than its limit, whatever the limit', () => {
    expect(overview.length).toBeLessThanOrEqual(LIMIT);
    for (const limit of [12, 24, 30, 40]) {
      const short = overviewOf(trace, limit).overview;
      expect(short.length).toBeLessThanOrEqual(Math.max(limit, 26));
      expect(short.flatMap((s) => s.events)).toHaveLength(overview.flatMap((s) => s.events).length);
    }
  });

  it('lets the packet go on from where it was', () => {
    for (const step of overview) expect(step.path.length, step.id).toBeGreaterThan(0);
    const nat = overview.find((s) => s.id.endsWith('.dnat'))!;
    expect(nat.path.at(-1)).toEqual({ kind: 'hook', netns: 'node-a', hook: 'PREROUTING' });
    expect([nat.before, nat.after]).toEqual([1, 2]);
  });
});

describe('grains', () => {
  it('has unique ids over all grains', () => {
    const all = [...ids(overview), ...stepsOf(trace, 'detail').map((s) => s.id)];
    const rules = stepsOf(trace, 'rules').map((s) => s.id);
    expect(new Set(all).size).toBe(all.length);
    expect(new Set(rules).size).toBe(rules.length);
    for (const id of [...all, ...rules]) expect(id).toMatch(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/);
  });

  it('has one step an event in detail, and one a rule in rules', () => {
    const detail = stepsOf(trace, 'detail');
    const hidden = journeyOf(trace).background.flatMap((b) => b.events).length;
    expect(detail).toHaveLength(trace.events.length - hidden);
    const looked = stepsOf(trace, 'rules').filter((s) => s.look !== null);
    const services = looked.filter((s) => s.look!.rule.chain === 'KUBE-SERVICES');
    expect(services.slice(0, 3).map((s) => [s.look!.rule.rule, s.look!.outcome])).toEqual([
      [1, 'passed'],
      [2, 'passed'],
      [3, 'matched'],
    ]);
  });

  it('finds a step by its id at every grain, folded or not', () => {
    for (const grain of GRAINS)
      for (const step of stepsOf(trace, grain))
        expect(findStep(trace, step.id)?.step.id).toBe(step.id);
    const folded = overview.find((s) => s.expandable)!;
    const found = findStep(trace, folded.children[0]!.id);
    expect(found?.open).toEqual([folded.id]);
    expect(
      stepsOf(trace, 'overview', new Set(found!.open)).some((s) => s.id === folded.children[0]!.id),
    ).toBe(true);
  });
});

describe('names', () => {
  it('survive a change elsewhere', () => {
    const events = trace.events.slice(0, 300);
    const cut = overviewOf({ ...trace, events });
    const kept = cut.overview.map((s) => s.id).filter((id) => id.startsWith('request.'));
    expect(kept).toEqual(overview.map((s) => s.id).filter((id) => id.startsWith('request.')));
  });
});

describe('a loss', () => {
  it('is a step of its own, with the walk that caused it', () => {
    const at = trace.events.findIndex((e) => e.kind === 'nf.walk' && e.detail.hook === 'FORWARD');
    const walk = trace.events[at]!;
    if (walk.kind !== 'nf.walk') throw new Error('no walk');
    const events = [
      ...trace.events.slice(0, at),
      { ...walk, detail: { ...walk.detail, verdict: 'drop' as const } },
      {
        ...walk,
        kind: 'drop' as const,
        seq: (walk.seq + 1) as typeof walk.seq,
        detail: { reason: 'NETFILTER_DROP', at: 'nf_hook_slow', why: 'policy DROP', fatal: true },
      },
    ];
    const lost = { ...trace, events };
    expectPartition(lost);
    const last = overviewOf(lost).overview.at(-1)!;
    expect(last).toMatchObject({
      id: 'request.node-a.forward.drop',
      topic: 'drop',
      events: [walk.seq, walk.seq + 1],
    });
    expect(last.tokens[0]).toBe('drop');
  });
});
