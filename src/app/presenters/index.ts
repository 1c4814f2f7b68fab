// The presenters of all topics. To add a topic: a line in `Topic`, and one here; without it the map does not compile.
import type { Step, Topic } from '../../trace/steps/types.ts';
import type { Trace } from '../../trace/types.ts';
import { en, type Messages } from '../messages/en.ts';
import { appliance } from './appliances.ts';
import { sayEvent } from './events.ts';
import * as filtering from './filtering.ts';
import { ruleRow, whereOf } from './names.ts';
import * as routing from './routing.ts';
import * as sending from './sending.ts';
import type { Presenter, Told } from './told.ts';
import * as tunnels from './tunnels.ts';

const event: Presenter = ({ trace, step, m }) => {
  const e = trace.events[step.anchor]!;
  return { title: m.events.titles[e.kind], ...sayEvent(trace, e, m) };
};

const rule: Presenter = ({ trace, step, m }) => {
  const e = trace.events[step.anchor]!;
  const look = step.look;
  if (look === null || e.kind !== 'nf.walk') return event({ trace, step, m });
  const { chain, rule: n } = look.rule;
  const row = ruleRow(trace, e, chain, look.outcome === 'policy' ? 'policy' : n);
  const text = row?.['text'];
  const outcome = {
    matched: m.events.rule.matched(look),
    return: m.events.rule.return,
    policy: m.events.rule.policy(look),
    passed: m.events.rule.passed,
  }[look.outcome];
  return {
    title: m.events.rule.title({ chain, rule: n }),
    what: look.to > n ? m.events.rule.range({ from: n, to: look.to, chain }) : outcome,
    why: typeof text === 'string' ? m.events.rule.text({ text }) : '',
    source: 'iptables',
  };
};

const PRESENTERS: { readonly [T in Topic]: Presenter } = {
  send: sending.send,
  'kernel-send': sending.kernelSend,
  route: routing.route,
  resolve: routing.resolve,
  link: routing.link,
  wire: routing.wire,
  prerouting: filtering.prerouting,
  ingress: filtering.ingress,
  walk: filtering.walk,
  nat: filtering.nat,
  forward: filtering.forward,
  postrouting: filtering.postrouting,
  egress: filtering.egress,
  'next-hop': routing.nextHop,
  encap: tunnels.encap,
  decap: tunnels.decap,
  'local-out': tunnels.localOut,
  'local-in': tunnels.localIn,
  bridge: routing.bridge,
  appliance,
  fragment: routing.fragment,
  deliver: sending.deliver,
  drop: sending.drop,
  packet: sending.packet,
  packets: sending.packets,
  result: sending.result,
  process: sending.process,
  command: sending.command,
  timer: event,
  event,
  rule,
  passed: rule,
};

const told = new WeakMap<Step, Told>();

/** A step in words. The same step always gives the same value. */
export function tell(trace: Trace, step: Step, m: Messages = en): Told {
  const known = told.get(step);
  if (known !== undefined) return known;
  const t = { trace, step, m };
  const about = PRESENTERS[step.topic](t);
  // A stretch that lacks what its topic is usually about is told as the event that it has.
  const said = about.what === '' ? event(t) : about;
  const full: Told = { ...said, where: whereOf(trace, step), change: said.change ?? null };
  told.set(step, full);
  return full;
}
