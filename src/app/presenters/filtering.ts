// Presenters of netfilter and connection tracking.
import { walkSteps } from '../../trace/steps/walk.ts';
import type { Trace, TraceEvent } from '../../trace/types.ts';
import type { Messages } from '../messages/en.ts';
import { chooses } from '../../trace/steps/cut.ts';
import { eventsIn, firstIn, packetAfter, packetBefore, ttlOf } from './facts.ts';
import { choicesOf, entryText, lastRule, objectOf, ruleRow, walkText } from './names.ts';
import { routeReason } from './routing.ts';
import type { Presenter, Telling } from './told.ts';

const physinOf = ({ trace, step }: Telling): string | null => {
  const before = step.path.find((s) => s.kind === 'device');
  const walk = firstIn(trace, step, 'nf.walk') ?? nextWalk({ trace, step });
  return walk?.detail.physin == null || before?.kind !== 'device' ? null : walk.detail.in;
};
function nextWalk({
  trace,
  step,
}: Pick<Telling, 'trace' | 'step'>): TraceEvent<'nf.walk'> | undefined {
  const from = step.events.at(-1) ?? 0;
  for (let i = from + 1; i < Math.min(trace.events.length, from + 4); i++) {
    const e = trace.events[i]!;
    if (e.kind === 'nf.walk' && e.packet === step.packet) return e;
  }
  return undefined;
}

export const prerouting: Presenter = (t) => {
  const { trace, step, m } = t;
  const ct = firstIn(trace, step, 'ct.lookup');
  const bridge = physinOf(t);
  const said = m.steps.prerouting;
  if (ct === undefined)
    return {
      title: said.title({ state: '' }),
      what: said.walks,
      why: said.whyNew,
      source: 'iptables',
    };
  const { entry, state, direction, created } = ct.detail;
  const text = entry === null ? '' : entryText(trace, ct, entry);
  const what = created
    ? said.created({ entry: text })
    : state === 'UNTRACKED'
      ? said.untracked
      : entry === null
        ? said.invalid({ why: ct.detail.why ?? 'no entry fits' })
        : said.known({ entry: text, state, direction: direction ?? 'original' });
  const why =
    bridge !== null && created ? said.whyBridge({ bridge }) : created ? said.whyNew : said.whyKnown;
  return {
    title: said.title({ state }),
    what,
    why,
    source: bridge !== null && created ? 'bridgeNf' : 'conntrack',
  };
};

export const ingress: Presenter = ({ trace, step, m }) => {
  const ct = firstIn(trace, step, 'ct.lookup');
  const route = firstIn(trace, step, 'route.lookup');
  const dev = route?.detail.choice.dev ?? '?';
  const dst = route?.detail.dst ?? '';
  const known = ct !== undefined && !ct.detail.created && ct.detail.entry !== null;
  const mark = eventsIn(trace, step, 'nf.walk').at(-1)?.detail.markAfter ?? 0;
  return {
    title: m.steps.ingress.title({ dev }),
    what:
      mark !== 0
        ? m.steps.ingress.marked({ dst, dev, mark: `0x${mark.toString(16)}` })
        : known
          ? m.steps.ingress.known({
              dst,
              dev,
              state: ct.detail.state,
              direction: ct.detail.direction ?? 'original',
            })
          : m.steps.ingress.created({ dst, dev }),
    why: route === undefined ? m.steps.prerouting.whyNew : routeReason(m, route, trace),
    source: known ? 'conntrack' : 'fib',
  };
};

export const walk: Presenter = ({ trace, step, m }) => {
  const walked = eventsIn(trace, step, 'nf.walk').find(chooses);
  const setup = eventsIn(trace, step, 'nat.setup').find((e) => e.detail.by !== 'null');
  const rule = walked === undefined ? undefined : lastRule(walkSteps(trace, walked));
  const object = walked === undefined ? null : objectOf(trace, walked);
  const to = setup?.detail.to ?? '';
  const count = walked === undefined ? 1 : choicesOf(trace, walked);
  const why =
    setup?.detail.manip === 'src'
      ? m.steps.walk.whySnat({ from: setup.detail.from, to })
      : object !== null
        ? count > 1
          ? m.steps.walk.whyDnatOneOf({ to, object, count })
          : m.steps.walk.whyDnat({ to, object })
        : m.steps.walk.whyDnatBare({ to, chain: rule?.chain ?? '', rule: rule?.rule ?? 0 });
  return {
    title: m.steps.walk.title,
    what: m.steps.walk.what({
      walk: walked === undefined ? '' : walkText(walkSteps(trace, walked)),
      target: rule?.target ?? '',
    }),
    why,
    source:
      walked?.detail.steps.some((s) => s.chain.startsWith('KUBE-')) === true
        ? 'kubeProxy'
        : 'iptables',
  };
};

export const nat: Presenter = ({ trace, step, m }) => {
  const done = firstIn(trace, step, 'nat.rewrite');
  if (done === undefined) return { title: '', what: '', why: '', source: 'nat' };
  const { manip, from, to, undo } = done.detail;
  const by = chosenBy({ trace, step, m }, done);
  return {
    title: m.steps.nat.title({ manip, undo }),
    what: m.steps.nat.what({ manip, from, to }),
    why: undo
      ? m.steps.nat.whyUndo({ to })
      : by === null
        ? m.steps.nat.whyKept
        : m.steps.nat.whyNew(by),
    source: 'nat',
    change: { before: from, after: to },
  };
};

/** The rule that chose, if this very packet was the one to ask the rules. */
function chosenBy(
  { trace }: Telling,
  done: TraceEvent<'nat.rewrite'>,
): { readonly chain: string; readonly rule: number } | null {
  for (let i = done.seq - 1; i >= Math.max(0, done.seq - 6); i--) {
    const e = trace.events[i]!;
    if (e.kind !== 'nf.walk' || e.packet !== done.packet || !chooses(e)) continue;
    const rule = lastRule(walkSteps(trace, e));
    return rule ?? null;
  }
  return null;
}

/** How FORWARD came to its verdict. */
function verdictOf(trace: Trace, m: Messages, walked: TraceEvent<'nf.walk'> | undefined): string {
  const last = walked === undefined ? undefined : walkSteps(trace, walked).at(-1);
  return last !== undefined && last.kind === 'rule'
    ? m.steps.forward.byRule({ chain: last.chain, rule: last.rule })
    : m.steps.forward.byPolicy;
}

/** `64 → 63`. */
function ttlText({ trace, step }: Telling): string {
  const after = packetAfter(trace, step);
  const before = packetBefore(trace, step);
  const [a, b] = [before === null ? null : ttlOf(before), after === null ? null : ttlOf(after)];
  return a === null || b === null || a === b ? `${b ?? ''}` : `${a} → ${b}`;
}
const ttlChange = (t: Telling): { before: string; after: string } | null => {
  const [before, after] = ttlText(t).split(' → ');
  return before === undefined || after === undefined ? null : { before: `TTL ${before}`, after };
};
/** In words: `from 64 to 63`. */
const ttlWords = (t: Telling): string => {
  const [before, after] = ttlText(t).split(' → ');
  return after === undefined ? `to ${before}` : `from ${before} to ${after}`;
};

export const forward: Presenter = (t) => {
  const { trace, step, m } = t;
  const walked = eventsIn(trace, step, 'nf.walk').findLast((e) => e.detail.table === 'filter');
  const last = walked === undefined ? undefined : walkSteps(trace, walked).at(-1);
  const text =
    walked === undefined || last?.kind !== 'rule'
      ? ''
      : `${ruleRow(trace, walked, last.chain, last.rule)?.['text'] ?? ''}`;
  const established = /--ctstate \S*ESTABLISHED/.test(text);
  const ttl = ttlWords(t);
  return {
    title: m.steps.forward.title,
    what:
      walked === undefined
        ? m.steps.forward.whatTtl({ ttl })
        : m.steps.forward.what({ ttl, verdict: verdictOf(trace, m, walked) }),
    why:
      established && last !== undefined
        ? m.steps.forward.whyEstablished({ chain: last.chain, rule: last.rule })
        : m.steps.forward.why,
    source: walked === undefined ? 'forward' : 'iptables',
    change: ttlChange(t),
  };
};

export const postrouting: Presenter = ({ trace, step, m }) => {
  const confirmed = firstIn(trace, step, 'ct.confirm') !== undefined;
  const nat = eventsIn(trace, step, 'nf.walk').find((e) => e.detail.table === 'nat');
  const returned = nat?.detail.steps.find((s) => s.kind === 'rule' && s.target === 'RETURN');
  return {
    title: m.steps.postrouting.title,
    what: confirmed ? m.steps.postrouting.confirms : m.steps.postrouting.keeps,
    why:
      returned === undefined
        ? m.steps.postrouting.whyPlain
        : m.steps.postrouting.why({ chain: returned.chain, rule: returned.rule }),
    source: 'conntrack',
  };
};

export const egress: Presenter = (t) => {
  const { trace, step, m } = t;
  const confirm = firstIn(trace, step, 'ct.confirm');
  const walked = eventsIn(trace, step, 'nf.walk').findLast(
    (e) => e.detail.hook === 'FORWARD' && e.detail.table === 'filter',
  );
  return {
    title: m.steps.egress.title,
    what: m.steps.egress.what({ ttl: ttlWords(t) }),
    why:
      confirm !== undefined
        ? m.steps.egress.whyConfirm({ entry: entryText(trace, confirm, confirm.detail.entry) })
        : m.steps.egress.why({ verdict: verdictOf(trace, m, walked) }),
    source: confirm !== undefined ? 'conntrack' : 'iptables',
    change: ttlChange(t),
  };
};
