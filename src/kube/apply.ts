// Net operations applied in order: out comes the plain network of namespaces that the engine runs. Everything that comes into being
// keeps its origin: the component, the object it serves, and the command.
import { assertNever, invariant } from '../base/assert.ts';
import type {
  AddressSpec,
  DeviceSpec,
  FdbSpec,
  IpsetSpec,
  LinuxNetwork,
  ListenerSpec,
  NamespaceSpec,
  NeighSpec,
  Origin,
  PolicyRuleSpec,
  RouteSpec,
} from '../network/types.ts';
import { normalCidr } from './cidr.ts';
import { createSpellings, savedText } from './iptables/saved.ts';
import type { Spellings } from './iptables/saved.ts';
import { applyCommand, createState } from './iptables/state.ts';
import type { IptState } from './iptables/state.ts';
import type { IptFamily } from './iptables/types.ts';
import { printOp } from './ops.ts';
import type { NetOp } from './ops.ts';

interface Draft {
  readonly head: Pick<NamespaceSpec, 'name' | 'kind' | 'label' | 'host' | 'origin'>;
  readonly sysctls: Record<string, string>;
  readonly devices: (Omit<DeviceSpec, 'addresses'> & { addresses: AddressSpec[] })[];
  readonly routes: RouteSpec[];
  readonly rules: PolicyRuleSpec[];
  readonly neigh: NeighSpec[];
  readonly fdb: FdbSpec[];
  readonly ipsets: (IpsetSpec & { entries: string[] })[];
  readonly listeners: ListenerSpec[];
  readonly iptables: Map<IptFamily, IptState>;
}

export function applyOps(ops: readonly NetOp[]): LinuxNetwork {
  const drafts = new Map<string, Draft>();
  for (const op of ops) applyOp(drafts, op);
  const spellings = createSpellings();
  return { namespaces: [...drafts.values()].map((draft) => finish(draft, spellings)) };
}

function applyOp(drafts: Map<string, Draft>, op: NetOp): void {
  const origin: Origin = { component: op.component, object: op.object, command: printOp(op) };
  if (op.op === 'netns.add') {
    invariant(!drafts.has(op.ns), `namespace ${op.ns} is made twice`);
    drafts.set(op.ns, {
      head: {
        name: op.ns,
        kind: op.kind,
        label: op.label,
        ...(op.host === null ? {} : { host: op.host }),
        origin,
      },
      sysctls: {}, routes: [], rules: [], neigh: [], fdb: [], ipsets: [], listeners: [],
      // All that the loopback plugin does; containerd does it by itself.
      devices: [{ name: 'lo', type: 'loopback', up: true, addresses: [] }],
      iptables: new Map(),
    }); // prettier-ignore
    return;
  }
  const draft = drafts.get(op.ns);
  invariant(draft !== undefined, `no namespace ${op.ns} for ${printOp(op)}`);
  const device = (name: string): number => {
    const index = draft.devices.findIndex((dev) => dev.name === name);
    invariant(index >= 0, `no device ${name} in ${op.ns} for ${printOp(op)}`);
    return index;
  };
  switch (op.op) {
    case 'link.add':
      draft.devices.push({ ...op.dev, up: op.dev.up ?? true, addresses: [], origin });
      return;
    case 'link.master': {
      const index = device(op.dev);
      draft.devices[index] = { ...draft.devices[index]!, master: op.master };
      return;
    }
    case 'link.mtu': {
      const index = device(op.dev);
      draft.devices[index] = { ...draft.devices[index]!, mtu: op.mtu };
      return;
    }
    case 'port.hairpin': {
      const index = device(op.dev);
      draft.devices[index] = { ...draft.devices[index]!, bridge_port: { hairpin: op.on } };
      return;
    }
    case 'addr.add':
      draft.devices[device(op.dev)]!.addresses.push({
        cidr: op.cidr,
        ...(op.scope === undefined ? {} : { scope: op.scope }),
        origin,
      });
      return;
    case 'route.add':
      draft.routes.push({ ...op.route, origin });
      return;
    case 'route.del':
      deleteRoute(draft, op.route, printOp(op));
      return;
    case 'rule.add':
      draft.rules.push({ ...op.rule, origin });
      return;
    case 'neigh.add':
      draft.neigh.push({ ...op.neigh, origin });
      return;
    case 'fdb.add':
      draft.fdb.push({ ...op.fdb, origin });
      return;
    case 'sysctl':
      draft.sysctls[op.key] = op.value;
      return;
    case 'iptables': {
      const state = draft.iptables.get(op.family) ?? createState();
      draft.iptables.set(op.family, state);
      applyCommand(state, op.command);
      return;
    }
    case 'ipset.create':
      draft.ipsets.push({ ...op.set, entries: [], origin });
      return;
    case 'ipset.add': {
      const set = draft.ipsets.find((one) => one.name === op.set);
      invariant(set !== undefined, `no ipset ${op.set} in ${op.ns} for ${printOp(op)}`);
      if (!set.entries.includes(op.entry)) set.entries.push(op.entry);
      return;
    }
    case 'listen':
      draft.listeners.push({ ...op.listener, origin });
      return;
    default:
      assertNever(op);
  }
}

/** A document has no moment between an address and its route: what the kernel made and a plugin deletes is never made. */
function deleteRoute(draft: Draft, { dst, dev }: Pick<RouteSpec, 'dst' | 'dev'>, what: string) {
  const at = draft.routes.findIndex(
    (route) => route.dst === dst && (dev === undefined || route.dev === dev),
  );
  if (at >= 0) {
    draft.routes.splice(at, 1);
    return;
  }
  const addresses = draft.devices.find((one) => one.name === dev)?.addresses ?? [];
  const index = addresses.findIndex((address) => normalCidr(address.cidr) === normalCidr(dst));
  invariant(index >= 0, `no such route for ${what}`);
  addresses[index] = { ...addresses[index]!, noprefixroute: true };
}

const some = <K extends string, T>(key: K, list: readonly T[]) =>
  (list.length === 0 ? {} : { [key]: list }) as { readonly [P in K]?: readonly T[] };

function finish(draft: Draft, spellings: Spellings): NamespaceSpec {
  const texts: { -readonly [F in IptFamily]?: string } = {};
  const origins: { -readonly [F in IptFamily]?: Readonly<Record<string, Origin>> } = {};
  for (const [family, state] of draft.iptables) {
    const saved = savedText(state, family, spellings);
    texts[family] = saved.text;
    origins[family] = saved.origins;
  }
  return {
    ...draft.head,
    ...(Object.keys(draft.sysctls).length === 0 ? {} : { sysctls: draft.sysctls }),
    devices: draft.devices.map(({ addresses, ...dev }) => ({
      ...dev,
      ...some('addresses', addresses),
    })),
    ...some('routes', draft.routes),
    ...some('rules', draft.rules),
    ...some('neigh', draft.neigh),
    ...some('fdb', draft.fdb),
    ...some('ipsets', draft.ipsets),
    ...some('listeners', draft.listeners),
    ...(draft.iptables.size === 0 ? {} : { iptables: texts, ruleOrigins: origins }),
  };
}
