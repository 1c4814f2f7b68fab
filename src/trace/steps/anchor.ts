// The event that a section is about: the one whose facts its sentence tells.
import type { EventKind, TraceEvent } from '../types.ts';
import type { Section } from './cut.ts';
import { chooses } from './cut.ts';
import type { Topic } from './types.ts';

/** In order of preference. */
const ABOUT: Readonly<Partial<Record<Topic, readonly EventKind[]>>> = {
  send: ['socket.send'],
  'kernel-send': ['kernel.send'],
  route: ['route.lookup'],
  ingress: ['route.lookup'],
  link: ['dev.rx', 'dev.tx'],
  wire: ['dev.rx', 'dev.tx'],
  prerouting: ['ct.lookup', 'nf.walk'],
  nat: ['nat.rewrite'],
  forward: ['nf.walk', 'ip.forward'],
  postrouting: ['nf.walk', 'ct.confirm'],
  egress: ['nf.walk', 'ip.forward'],
  'next-hop': ['fdb.lookup', 'neigh.lookup'],
  encap: ['tunnel.encap'],
  decap: ['tunnel.decap'],
  'local-out': ['ct.lookup', 'nf.walk', 'route.lookup'],
  'local-in': ['route.lookup', 'nf.walk', 'ct.lookup'],
  bridge: ['bridge.forward'],
  appliance: ['appliance.translate', 'appliance.route', 'appliance.check'],
  fragment: ['ip.fragment', 'ip.reassemble'],
  deliver: ['socket.receive', 'ip.deliver'],
  drop: ['drop', 'nf.walk'],
};

export function anchorOf(section: Section): TraceEvent {
  const events = section.placed.map((p) => p.event);
  if (section.topic === 'walk') {
    const found = events.find(chooses);
    if (found !== undefined) return found;
  }
  for (const kind of ABOUT[section.topic] ?? []) {
    const found = events.findLast((e) => e.kind === kind);
    if (found !== undefined) return found;
  }
  return events.at(-1)!;
}
