// Joins neighbouring sections where nothing is decided in one of them, or nothing that the journey has not shown before, so that a
// reader stops only where there is something to see.
import type { Trace, TraceEvent } from '../types.ts';
import { chooses, type Section } from './cut.ts';
import type { Topic } from './types.ts';
import { walkSteps } from './walk.ts';

/** What a section shows, without names and addresses: a second one with the same digest is not news. */
export function digestOf(section: Section): string {
  return `${section.topic}:${section.placed.map((p) => wordOf(p.event)).join(',')}`;
}

function wordOf(event: TraceEvent): string {
  switch (event.kind) {
    case 'nf.walk':
      return event.detail.steps
        .map((s) => `${s.chain}>${s.kind === 'rule' ? s.target : s.kind}`)
        .join(' ')
        .replace(/KUBE-(SVC|SEP|FW|XLB|EXT|SVL)-[A-Z0-9]+/g, 'KUBE-$1');
    case 'neigh.lookup':
      return event.detail.state === 'PERMANENT' ? 'permanent' : 'known';
    case 'ct.lookup':
      return event.detail.state;
    default:
      return event.kind;
  }
}

const hasWalk = (s: Section): boolean => s.placed.some((p) => p.event.kind === 'nf.walk');
/** A walk that met a rule: more than an empty table and its policy. */
const hasRules = (trace: Trace, s: Section): boolean =>
  s.placed.some(
    (p) => p.event.kind === 'nf.walk' && walkSteps(trace, p.event).some((w) => w.kind === 'rule'),
  );
const decides = (s: Section): boolean =>
  s.topic === 'walk' ||
  s.topic === 'nat' ||
  s.topic === 'drop' ||
  s.placed.some((p) => chooses(p.event));
const isLocal = (s: Section): boolean =>
  s.placed.some((p) => p.event.kind === 'route.lookup' && p.event.detail.choice.type === 'local');
const isPlain = (s: Section): boolean =>
  s.placed.every((p) => p.event.kind === 'neigh.lookup' && wordOf(p.event) === 'known');

interface Known extends Section {
  /** The journey has shown the like before. */
  readonly known: boolean;
}

/** `a` then `b` become one section of this topic, or null where they stay apart. */
function joined(trace: Trace, a: Known, b: Known): Topic | null {
  if (decides(a) || decides(b)) return null;
  if (a.placed.at(-1)!.event.site.netns !== b.placed[0]!.event.site.netns) return null;
  switch (`${a.topic}+${b.topic}`) {
    case 'route+deliver':
      return isLocal(a) ? 'deliver' : null;
    case 'prerouting+route':
      return isLocal(b) ? 'local-in' : 'ingress';
    case 'route+local-in':
    case 'local-in+local-in':
      return 'local-in';
    case 'local-in+deliver':
      return b.placed.every((p) => p.event.kind === 'ip.deliver') ? 'local-in' : null;
    case 'route+forward':
    case 'ingress+forward':
      return hasWalk(b) ? null : a.topic;
    case 'forward+postrouting':
      return a.known || b.known || !hasRules(trace, a) || !hasRules(trace, b) ? 'egress' : null;
    case 'send+route':
      return b.known ? 'send' : null;
    case 'next-hop+encap':
      return a.known ? 'encap' : null;
    case 'encap+local-out':
      return a.known && b.known ? 'encap' : null;
    case 'local-in+decap':
      return a.known && b.known ? 'decap' : null;
    case 'next-hop+link':
    case 'next-hop+wire':
    case 'next-hop+bridge':
      return isPlain(a) ? b.topic : null;
    default:
      return null;
  }
}

/** Adds what it shows to `seen`. */
export function merge(
  trace: Trace,
  sections: readonly Section[],
  seen: Set<string>,
): readonly Section[] {
  let list: readonly Known[] = sections.map((section) => {
    const digest = digestOf(section);
    const known = seen.has(digest);
    seen.add(digest);
    return { ...section, known };
  });
  for (let changed = true; changed;) {
    changed = false;
    const next: Known[] = [];
    for (const section of list) {
      const last = next.at(-1);
      const topic = last === undefined ? null : joined(trace, last, section);
      if (last === undefined || topic === null) next.push(section);
      else {
        const placed = [...last.placed, ...section.placed];
        next[next.length - 1] = { topic, placed, known: last.known && section.known };
        changed = true;
      }
    }
    list = next;
  }
  return list;
}
