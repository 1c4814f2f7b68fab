// One presenter for each kind of event: a kind without one does not compile.
import type { EventKind, Trace, TraceEvent } from '../../trace/types.ts';
import { walkSteps } from '../../trace/steps/walk.ts';
import type { Messages } from '../messages/en.ts';
import { entryText, ruleRow, walkText } from './names.ts';
import { routeReason } from './routing.ts';
import type { SourceId } from './sources.ts';
import type { Said } from './told.ts';

interface EventSaid {
  readonly what: string;
  readonly why: string;
  readonly source: SourceId;
  readonly change?: Said['change'] | undefined;
}
type EventPresenters = {
  readonly [K in EventKind]: (e: TraceEvent<K>, m: Messages, trace: Trace) => EventSaid;
};

const reason = (m: Messages, why: string | null | undefined): string =>
  why === null || why === undefined || why === '' ? '' : m.events.why.reason({ why });

export const eventPresenters: EventPresenters = {
  'process.call': ({ detail }, m) => ({
    what: m.events.what.call(detail),
    why: '',
    source: 'socket',
  }),
  'process.result': ({ detail }, m) => ({
    what: m.events.what.result({ process: detail.process, result: detail.result.result ?? '' }),
    why: reason(m, detail.result.error),
    source: 'socket',
  }),
  command: ({ detail }) => ({ what: detail.text, why: '', source: 'socket' }),
  timer: ({ detail }, m) => ({ what: m.events.what.timer(detail), why: '', source: 'tcp' }),
  'socket.send': ({ detail }, m) => ({
    what: m.events.what.send(detail),
    why: '',
    source: 'tcpConnect',
  }),
  'socket.receive': ({ detail }, m) => ({
    what: m.events.what.receive(detail),
    why: '',
    source: 'tcpReceive',
  }),
  'kernel.send': ({ detail }, m) => ({
    what: m.events.what.kernelSend(detail),
    why: reason(m, detail.why),
    source: detail.what.startsWith('ARP') ? 'arp' : 'icmp',
  }),
  'dev.tx': ({ site, detail }, m) => ({
    what: m.events.what.tx({ dev: site.dev ?? '' }),
    why:
      detail.peer === null
        ? ''
        : m.events.why.veth({ peer: `${detail.peer.dev} (${detail.peer.netns})` }),
    source: 'dev',
  }),
  'dev.rx': ({ site, detail }, m) => ({
    what:
      detail.packetType === 'host'
        ? m.events.what.rxHost({ dev: site.dev ?? '' })
        : m.events.what.rx({ dev: site.dev ?? '', type: detail.packetType }),
    why: '',
    source: 'dev',
  }),
  'bridge.forward': ({ detail }, m) => {
    const p = { bridge: detail.bridge, ports: detail.ports.join(', ') };
    const said = {
      forward: m.events.what.bridgeForward,
      flood: m.events.what.bridgeFlood,
      local: m.events.what.bridgeLocal,
      drop: m.events.what.bridgeDrop,
    };
    return { what: said[detail.decision](p), why: reason(m, detail.why), source: 'bridge' };
  },
  'bridge.dnat': ({ detail }, m) => ({
    what: m.events.what.bridgeDnat[detail.outcome],
    why: '',
    source: 'bridgeNf',
  }),
  'arp.receive': ({ detail }, m) => ({
    what: m.events.what.arp[detail.decision],
    why: reason(m, detail.why),
    source: 'arp',
  }),
  'neigh.lookup': ({ detail }, m) => {
    const { ip, state, mac, outcome } = detail;
    const what =
      outcome === 'queued'
        ? m.events.what.neighQueued({ ip, state })
        : outcome === 'failed'
          ? m.events.what.neighFailed({ ip })
          : m.events.what.neighFound({ ip, mac: mac ?? '', state });
    return { what, why: by(m, detail.origin), source: 'neighbour' };
  },
  'fdb.lookup': ({ detail }, m) => ({
    what:
      detail.dst === null
        ? m.events.what.fdbNone(detail)
        : detail.mac === ''
          ? m.events.what.farEnd({ dst: detail.dst })
          : m.events.what.fdb({ mac: detail.mac, dst: detail.dst }),
    why: by(m, detail.origin),
    source: detail.mac === '' ? 'ipip' : 'vxlan',
  }),
  'route.lookup': (e, m, trace) => {
    const { dst, choice, passed } = e.detail;
    const why =
      passed.length === 0
        ? routeReason(m, e, trace)
        : `${routeReason(m, e, trace)} ${m.events.why.passed({ list: passed.slice(0, 2).join('; ') })}`;
    return {
      what:
        choice.route === null
          ? m.events.what.routeNone({ dst })
          : m.events.what.route({ dst, route: choice.route, table: choice.table }),
      why,
      source: 'fib',
    };
  },
  'ip.forward': ({ detail }, m) => ({
    what: m.events.what.forward(detail),
    why: '',
    source: 'forward',
  }),
  'ip.deliver': ({ detail }, m) => ({
    what: m.events.what.deliver(detail),
    why: '',
    source: 'input',
  }),
  'ip.fragment': ({ detail }, m) => ({
    what: m.events.what.fragment({ mtu: detail.mtu, count: detail.pieces.length }),
    why: '',
    source: 'fragment',
  }),
  'ip.reassemble': ({ detail }, m) => ({
    what: m.events.what.reassemble({ count: detail.pieces.length }),
    why: '',
    source: 'fragment',
  }),
  'nf.walk': (e, m, trace) => {
    const { table, hook, verdict } = e.detail;
    const steps = walkSteps(trace, e);
    const rule = steps.findLast((s) => s.kind === 'rule' && s.target !== 'RETURN');
    const text = rule === undefined ? null : ruleRow(trace, e, rule.chain, rule.rule)?.['text'];
    return {
      what: m.events.what.walk({ table, hook, walk: walkText(steps), verdict }),
      why: typeof text === 'string' ? text : table === 'nat' ? m.events.why.firstOnly : '',
      source: 'iptables',
    };
  },
  'ct.lookup': (e, m, trace) => {
    const { state, entry, direction, created, why } = e.detail;
    const text = entry === null ? '' : entryText(trace, e, entry);
    const what =
      entry === null
        ? m.events.what.ctNone({ state })
        : created
          ? m.events.what.ctNew({ entry: text })
          : m.events.what.ctKnown({ state, direction: direction ?? 'original', entry: text });
    return { what, why: reason(m, why), source: 'conntrack' };
  },
  'ct.confirm': (e, m, trace) => ({
    what: m.events.what.confirm({ entry: entryText(trace, e, e.detail.entry) }),
    why: '',
    source: 'conntrack',
  }),
  'nat.setup': ({ detail }, m) => ({
    what: detail.by === 'null' ? m.events.what.natNull(detail) : m.events.what.natSetup(detail),
    why: reason(m, detail.why),
    source: 'nat',
  }),
  'nat.rewrite': ({ detail }, m) => ({
    what: m.events.what.rewrite(detail),
    why: m.events.why.entry,
    source: 'nat',
    change: { before: detail.from, after: detail.to },
  }),
  'tunnel.encap': ({ detail }, m) => ({
    what: m.events.what.encap(detail),
    why: '',
    source: detail.kind === 'ipip' ? 'ipip' : 'vxlan',
  }),
  'tunnel.decap': ({ detail }, m) => ({
    what: m.events.what.decap(detail),
    why: '',
    source: detail.kind === 'ipip' ? 'ipip' : 'vxlan',
  }),
  'appliance.check': ({ detail }, m) => ({
    what: (detail.passed ? m.events.what.checkPassed : m.events.what.checkFailed)(detail),
    why: reason(m, detail.why),
    source: 'vpc',
  }),
  'appliance.route': ({ detail }, m) => ({
    what:
      detail.route === null
        ? m.events.what.routeNone(detail)
        : m.events.what.route({ ...detail, route: detail.route }),
    why: '',
    source: 'vpc',
  }),
  'appliance.translate': ({ detail }, m) => ({
    what: m.events.what.rewrite(detail),
    why: reason(m, detail.why),
    source: 'vpc',
    change: { before: detail.from, after: detail.to },
  }),
  drop: ({ detail }, m) => ({
    what: detail.fatal ? m.events.what.dropFatal(detail) : m.events.what.dropDone(detail),
    why: reason(m, detail.why),
    source: 'dropReason',
  }),
};

const by = (m: Messages, origin: { component: string; command: string | null } | null): string =>
  origin === null ? '' : m.events.why.by({ who: origin.component, command: origin.command ?? '' });

/** The presenter of an event, whatever its kind. */
export function sayEvent(trace: Trace, event: TraceEvent, m: Messages): EventSaid {
  const say = eventPresenters[event.kind] as (
    e: TraceEvent,
    m: Messages,
    trace: Trace,
  ) => EventSaid;
  return say(event, m, trace);
}
