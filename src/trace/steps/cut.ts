// Cuts the events of one packet into stations: stretches that a reader takes in at once. What is decided or changed starts a new one.
import type { HookName, Topology, TraceEvent } from '../types.ts';
import { machineOf } from './host.ts';
import type { Placed } from './place.ts';
import type { Topic } from './types.ts';

export interface Section {
  readonly topic: Topic;
  readonly placed: readonly Placed[];
}

const NAT_TARGETS = new Set(['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT']);

/** A walk that chose a translation. */
export const chooses = (event: TraceEvent): boolean =>
  event.kind === 'nf.walk' && event.detail.steps.some((s) => NAT_TARGETS.has(s.target));
const binds = (event: TraceEvent): boolean =>
  event.kind === 'nat.setup' && event.detail.by !== 'null';

const BY_HOOK: Readonly<Record<HookName, Topic>> = {
  PREROUTING: 'prerouting',
  INPUT: 'local-in',
  FORWARD: 'forward',
  OUTPUT: 'local-out',
  POSTROUTING: 'postrouting',
};

export function cut(topology: Topology, placed: readonly Placed[]): readonly Section[] {
  const kindOf = (netns: string): string =>
    topology.namespaces.find((n) => n.name === netns)?.kind ?? '';
  const typeOf = (netns: string, dev: string | null): string =>
    topology.namespaces.find((n) => n.name === netns)?.devices.find((d) => d.name === dev)?.type ??
    '';
  const sections: { topic: Topic; placed: Placed[] }[] = [];

  placed.forEach((p, i) => {
    const now = sections.at(-1);
    const topic = bin(p, i, now?.topic ?? null);
    if (topic === null || now?.topic === topic) {
      if (now !== undefined) return void now.placed.push(p);
    }
    sections.push({ topic: topic ?? 'link', placed: [p] });
  });
  return sections;

  /** The topic that an event asks for; null: it stays with what is there. */
  function bin(p: Placed, i: number, now: Topic | null): Topic | null {
    const { event, hook } = p;
    const inSwitch = kindOf(event.site.netns) === 'switch';
    switch (event.kind) {
      case 'socket.send':
        return 'send';
      case 'kernel.send':
        return 'kernel-send';
      case 'socket.receive':
        return 'deliver';
      case 'drop':
        return event.detail.fatal ? 'drop' : null;
      case 'route.lookup':
        // A tunnel looks up the way of its envelope before it makes it.
        if (now === 'next-hop' && ahead(i) === 'tunnel.encap') return 'encap';
        return now === 'encap' || now === 'local-out' ? 'local-out' : 'route';
      case 'ip.forward':
        return 'forward';
      case 'ip.deliver':
        return now === 'local-in' ? null : 'deliver';
      case 'ip.fragment':
      case 'ip.reassemble':
        return 'fragment';
      case 'neigh.lookup':
      case 'fdb.lookup':
        return 'next-hop';
      case 'arp.receive':
        return 'resolve';
      case 'tunnel.encap':
        return 'encap';
      case 'tunnel.decap':
        return 'decap';
      case 'appliance.check':
      case 'appliance.route':
      case 'appliance.translate':
        return 'appliance';
      case 'bridge.dnat':
        return null;
      case 'bridge.forward': {
        if (inSwitch) return now ?? 'wire';
        if (event.detail.decision === 'local') return 'route';
        return now === 'link' && startsOn(event.detail.bridge) ? null : 'bridge';
      }
      case 'dev.tx': {
        if (inSwitch) return 'wire';
        if (
          typeOf(event.site.netns, event.site.dev) === 'vxlan' ||
          typeOf(event.site.netns, event.site.dev) === 'ipip'
        )
          return 'next-hop';
        if (now === 'bridge') return null;
        const peer = event.detail.peer;
        if (peer === null) return 'link';
        return machineOf(topology, peer.netns) === machineOf(topology, event.site.netns)
          ? 'link'
          : 'wire';
      }
      case 'dev.rx':
        if (now === 'link' || now === 'wire' || now === 'bridge' || now === 'decap') return null;
        if (typeOf(event.site.netns, event.site.dev) === 'bridge')
          return ahead(i) === 'nf.walk' || ahead(i) === 'ct.lookup' ? 'prerouting' : 'route';
        return now ?? 'link';
      case 'nat.setup':
        return binds(event) ? 'walk' : atHook(hook, now);
      case 'nf.walk':
        if (event.detail.verdict !== 'accept') return 'drop';
        if (chooses(event)) return 'walk';
        return atHook(hook, now);
      case 'ct.lookup':
        return atHook(hook, now);
      case 'ct.confirm':
        return now === 'walk' || now === 'nat' ? null : atHook(hook, now);
      case 'nat.rewrite':
        return 'nat';
      case 'process.call':
      case 'process.result':
      case 'command':
      case 'timer':
        return 'process';
    }
  }

  /** Locally made packets pass OUTPUT and POSTROUTING as one stretch. */
  function atHook(hook: HookName | null, now: Topic | null): Topic | null {
    if (hook === null) return null;
    if (hook === 'POSTROUTING' && now === 'local-out') return 'local-out';
    return BY_HOOK[hook];
  }
  function startsOn(bridge: string): boolean {
    return sections.at(-1)?.placed[0]?.event.site.dev === bridge;
  }
  function ahead(i: number): string | undefined {
    return placed[i + 1]?.event.kind;
  }
}
