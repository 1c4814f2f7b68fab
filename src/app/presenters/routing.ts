// Presenters of layer 2 and 3: routes, neighbours, links, wires, bridges.
import { printMac } from '../../wire/addr/mac.ts';
import type { Trace, TraceEvent } from '../../trace/types.ts';
import type { Messages } from '../messages/en.ts';
import { eventsIn, firstIn, isIpInIp, outerEnds, packetAfter, sizeOf, wrapsOf } from './facts.ts';
import { isAppliance } from './appliances.ts';
import { placeName } from './names.ts';
import type { Presenter, Telling } from './told.ts';

const prefixOf = (route: string): string =>
  route.replace(/^(local|broadcast|unreachable|blackhole|prohibit) /, '').split(' ')[0] ?? '';

/** Priorities of the rules that every namespace has: local, main, default. */
const KERNEL_RULES: ReadonlySet<number> = new Set([0, 32766, 32767]);

/** The policy rule that pointed to the table, as `ip rule` prints it. Several may have its priority: the one that names an end. */
function ruleText(trace: Trace, event: TraceEvent<'route.lookup'>): string | null {
  const { choice, dst, src } = event.detail;
  const texts = trace.tables.flatMap(({ netns, table, after }) =>
    netns === event.site.netns && table === 'rule' && after?.['priority'] === choice.rule
      ? [String(after['text'])]
      : [],
  );
  const names = (text: string): boolean => text.split(/[ /]/).some((w) => w === dst || w === src);
  return texts.length === 1 ? texts[0]! : (texts.find(names) ?? null);
}

/** Why this route and no other. */
export function routeReason(m: Messages, event: TraceEvent<'route.lookup'>, trace: Trace): string {
  const { choice, dst } = event.detail;
  if (choice.route === null) return m.steps.route.becauseNone({ dst });
  if (choice.type === 'local') return m.steps.route.becauseLocal;
  const prefix = prefixOf(choice.route);
  if (!KERNEL_RULES.has(choice.rule)) {
    const rule = ruleText(trace, event) ?? `${choice.rule}`;
    return m.steps.route.becauseRule({ rule, table: choice.table, prefix });
  }
  if (prefix === 'default' || prefix === '0.0.0.0/0' || prefix === '::/0')
    return m.steps.route.becauseDefault({ dst });
  const who = choice.origin?.component;
  if (who !== undefined && who !== 'kernel')
    return m.steps.route.becausePrefixBy({ dst, prefix, who });
  return m.steps.route.becausePrefix({ dst, prefix, table: choice.table });
}

export function routeWhat(m: Messages, event: TraceEvent<'route.lookup'>): string {
  const { choice, dst } = event.detail;
  if (choice.route === null) return m.steps.route.none({ dst });
  if (choice.type === 'local') return m.steps.route.local({ dst });
  if (choice.dev === null || choice.type !== 'unicast')
    return m.steps.route.refused({ dst, type: choice.type });
  return choice.via === null
    ? m.steps.route.link({ dst, dev: choice.dev })
    : m.steps.route.via({ dst, dev: choice.dev, via: choice.via });
}

export const route: Presenter = ({ trace, step, m }) => {
  const found = firstIn(trace, step, 'route.lookup');
  if (found === undefined) return { title: '', what: '', why: '', source: 'fib' };
  const { dst, choice } = found.detail;
  return {
    title:
      choice.dev === null
        ? m.steps.route.titleNone({ dst })
        : m.steps.route.title({ dst, dev: choice.dev }),
    what: routeWhat(m, found),
    why: routeReason(m, found, trace),
    source: 'fib',
  };
};

export const resolve: Presenter = ({ trace, step, m }) => {
  const asked = firstIn(trace, step, 'neigh.lookup');
  const first = trace.events[step.events[0]!]!;
  const learned = eventsIn(trace, step, 'arp.receive').find(
    (e) => e.detail.decision === 'learned' && e.detail.op === 'reply',
  );
  const nd = step.id.split('.').includes('nd');
  const word = nd ? 'ND' : 'ARP';
  const ip = asked?.detail.ip ?? '';
  const dev = asked?.detail.dev ?? first.site.dev ?? '';
  const row = learned?.writes.find((w) => w.table === 'neigh')?.after;
  const fallback = learned === undefined ? '' : answerMac({ trace, step, m });
  const mac = typeof row?.['mac'] === 'string' ? row['mac'] : fallback;
  return {
    title: m.steps.resolve.title({ ip }),
    what:
      learned === undefined
        ? m.steps.resolve.failed({ dev, ip, word })
        : m.steps.resolve.what({ dev, ip, mac, word }),
    why: asked === undefined ? m.steps.resolve.upkeep({ ip }) : m.steps.resolve.why({ dev, ip }),
    source: nd ? 'nd' : 'arp',
    change: learned === undefined ? null : { before: `${ip} ?`, after: mac },
  };
};

function answerMac({ trace, step }: Telling): string {
  const arp = packetAfter(trace, step)?.layers.find((l) => l.kind === 'arp');
  return arp?.kind === 'arp' ? printMac(arp.header.sha) : '';
}

export const link: Presenter = ({ trace, step, m }) => {
  const sent = eventsIn(trace, step, 'dev.tx');
  const last = sent.at(-1);
  const end = step.path.at(-1);
  const to = last?.detail.peer ?? (end?.kind === 'device' ? end : null);
  const bridged = firstIn(trace, step, 'bridge.forward');
  const neigh = firstIn(trace, step, 'neigh.lookup');
  const from = last?.site.dev ?? step.dev ?? '';
  const there = to === null ? '' : placeName(trace, to.netns);
  const toDev = to?.dev ?? '';
  const title = m.steps.link.title({
    from: bridged?.detail.bridge ?? from,
    to: to === null ? '' : `${there} ${toDev}`,
  });
  if (bridged !== undefined)
    return {
      title,
      what: m.steps.link.bridge({ bridge: bridged.detail.bridge, port: from, to: toDev, there }),
      why: m.steps.link.whyBridge({ bridge: bridged.detail.bridge, why: bridged.detail.why }),
      source: 'bridge',
    };
  const known = neigh !== undefined && neigh.detail.mac !== null;
  return {
    title,
    what: m.steps.link.veth({ from, to: toDev, there }),
    why: known
      ? m.steps.link.whyNeigh({ ip: neigh.detail.ip, mac: neigh.detail.mac ?? '' })
      : m.steps.link.whyVeth({ from, to: toDev }),
    source: known ? 'neighbour' : 'veth',
  };
};

export const wire: Presenter = ({ trace, step, m }) => {
  const packet = packetAfter(trace, step);
  const first = step.path[0];
  const last = step.path.at(-1);
  const name = (s: typeof first): string =>
    s === undefined
      ? ''
      : s.kind === 'device'
        ? `${s.dev} of ${placeName(trace, s.netns)}`
        : placeName(trace, s.netns);
  const eth = packet?.layers.find((l) => l.kind === 'ethernet');
  const mac = eth?.kind === 'ethernet' ? printMac(eth.header.dst) : '';
  const tunnel = packet !== null && wrapsOf(packet) > 1;
  return {
    title: m.steps.wire.title({
      from: first?.netns ?? '',
      to: last === undefined ? '' : placeName(trace, last.netns),
    }),
    what: m.steps.wire.what({
      from: name(first),
      to: name(last),
      size: packet === null ? 0 : sizeOf(packet),
    }),
    why: tunnel
      ? (isIpInIp(packet) ? m.steps.wire.whyIpInIp : m.steps.wire.whyTunnel)(outerEnds(packet))
      : wireReason({ trace, step, m }, first?.netns, last?.netns, mac),
    source: !tunnel ? 'bridge' : isIpInIp(packet) ? 'ipip' : 'vxlan',
  };
};

/** What is between two machines looks at MAC addresses only, unless one end of the wire is an appliance. */
function wireReason(
  { trace, m }: Telling,
  from: string | undefined,
  to: string | undefined,
  mac: string,
): string {
  if (to !== undefined && isAppliance(trace, to))
    return m.steps.wire.whyAppliance({ mac, place: placeName(trace, to) });
  if (from !== undefined && isAppliance(trace, from))
    return m.steps.wire.whyFrom({ mac, place: placeName(trace, from) });
  return m.steps.wire.whyPlain({ mac });
}

export const nextHop: Presenter = ({ trace, step, m }) => {
  const neigh = firstIn(trace, step, 'neigh.lookup');
  const fdb = firstIn(trace, step, 'fdb.lookup');
  const ip = neigh?.detail.ip ?? '';
  const mac = neigh?.detail.mac ?? fdb?.detail.mac ?? '?';
  const origin = fdb?.detail.origin ?? neigh?.detail.origin ?? null;
  const permanent = neigh?.detail.state === 'PERMANENT';
  const tunnel = fdb !== undefined;
  if (neigh === undefined && fdb?.detail.mac === '')
    return {
      title: m.steps.nextHop.titleIp({ dev: fdb.site.dev ?? '' }),
      what: m.steps.nextHop.whatIp({ dev: fdb.site.dev ?? '', remote: fdb.detail.dst ?? '' }),
      why: m.steps.nextHop.whyIp,
      source: 'ipip',
    };
  const by =
    origin !== null && origin.object !== null
      ? (tunnel ? m.steps.nextHop.whyBy : m.steps.nextHop.whyNeighBy)({
          who: origin.component,
          object: origin.object,
        })
      : tunnel
        ? m.steps.nextHop.whyOwn
        : m.steps.nextHop.whyNeigh;
  return {
    title: m.steps.nextHop.title({ ip }),
    what:
      fdb?.detail.dst != null
        ? m.steps.nextHop.what({ ip, mac, remote: fdb.detail.dst })
        : m.steps.nextHop.whatNeigh({ ip, mac, state: neigh?.detail.state ?? '' }),
    why: permanent ? by : m.steps.nextHop.whyKnown,
    source: origin?.component === 'flannel' ? 'flannel' : 'neighbour',
  };
};

export const bridge: Presenter = ({ trace, step, m }) => {
  const decided = firstIn(trace, step, 'bridge.forward');
  const name = decided?.detail.bridge ?? '';
  const ports = decided?.detail.ports ?? [];
  const end = step.path.at(-1);
  const there = end === undefined ? '' : placeName(trace, end.netns);
  return {
    title: m.steps.bridge.title({ bridge: name }),
    what:
      decided?.detail.decision === 'flood'
        ? m.steps.bridge.flood({ bridge: name, count: ports.length })
        : m.steps.bridge.what({ bridge: name, port: ports.join(', '), there }),
    why: m.steps.bridge.why({ why: decided?.detail.why ?? '' }),
    source: 'bridge',
  };
};

export const fragment: Presenter = ({ trace, step, m }) => {
  const cut = firstIn(trace, step, 'ip.fragment');
  const whole = firstIn(trace, step, 'ip.reassemble');
  return cut === undefined
    ? {
        title: m.steps.fragment.titleBack,
        what: m.steps.fragment.back({ count: whole?.detail.pieces.length ?? 0 }),
        why: m.steps.fragment.whyBack,
        source: 'fragment',
      }
    : {
        title: m.steps.fragment.title,
        what: m.steps.fragment.what({ mtu: cut.detail.mtu, count: cut.detail.pieces.length }),
        why: m.steps.fragment.why,
        source: 'fragment',
      };
};
