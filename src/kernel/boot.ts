// From a LinuxNetwork to namespaces that run, in the order in which iproute2 would build them, and the rows of every table as
// they stand before the first event.
import type { Diagnostic } from '../base/diagnostic.ts';
import { at } from '../base/diagnostic.ts';
import { remember } from '../base/remember.ts';
import type { LinuxNetwork, NamespaceSpec } from '../network/types.ts';
import { createCtTable } from '../conntrack/table.ts';
import {
  compileRuleset,
  createSets,
  parseSave,
  rulesetNeedsConntrack,
} from '../netfilter/index.ts';
import type { ParsedSave } from '../netfilter/index.ts';
import { portsOf, startAppliance } from '../appliance/index.ts';
import type { Appliance, Complain } from '../appliance/types.ts';
import type { Dev } from '../net/types.ts';
import { hashLabel } from '../base/rng.ts';
import { createFib } from '../net/fib/table.ts';
import { createSysctls } from '../net/sysctl.ts';
import type { Family } from '../trace/types.ts';
import { buildDevices } from './boot-devices.ts';
import { buildRoutes } from './boot-routes.ts';
import { createSockets } from './sock/table.ts';
import type { Netns } from './types.ts';

export interface Booted {
  readonly netns: ReadonlyMap<string, Netns>;
  readonly appliances: ReadonlyMap<string, Netns>;
  readonly diagnostics: readonly Diagnostic[];
}

export function boot(network: LinuxNetwork): Booted {
  const diagnostics: Diagnostic[] = [];
  const netns = new Map<string, Netns>();
  for (const spec of network.namespaces) {
    if (netns.has(spec.name))
      diagnostics.push({
        severity: 'error',
        place: at(spec.name),
        reason: 'two namespaces have this name',
        fix: 'give each its own',
      });
    netns.set(spec.name, createNetns(spec, diagnostics));
  }
  const boxes = bootAppliances(network, netns, diagnostics);
  const namespaces = [...network.namespaces, ...[...boxes.values()].map((box) => box.spec)];
  buildDevices({ namespaces }, new Map([...netns, ...boxes]), diagnostics);
  for (const ns of netns.values()) buildRoutes(ns, diagnostics);
  return { netns, appliances: boxes, diagnostics };
}

/** What is no Linux box has devices, which are its ports, and nothing else of a namespace. */
function bootAppliances(
  { appliances = [] }: LinuxNetwork,
  netns: ReadonlyMap<string, Netns>,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Netns> {
  const boxes = new Map<string, Netns>();
  for (const spec of appliances) {
    const { name, kind, label, origin } = spec;
    const complain: Complain = (reason, fix) => {
      diagnostics.push({ severity: 'error', place: at(name), reason, fix });
    };
    if (netns.has(name) || boxes.has(name)) {
      complain('a namespace or an appliance has this name already', 'give each its own');
      continue;
    }
    const shell: NamespaceSpec = {
      name,
      kind,
      devices: portsOf(spec),
      sysctls: NO_IPV6,
      ...(label === undefined ? {} : { label }),
      ...(origin === undefined ? {} : { origin }),
    };
    boxes.set(name, createNetns(shell, diagnostics, startAppliance(spec, complain)));
  }
  return boxes;
}

/** Its ports have no link-local addresses of their own. */
const NO_IPV6 = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
};

interface Loaded {
  readonly parsed: ParsedSave;
  readonly needsConntrack: boolean;
}
const sourceOf = (spec: NamespaceSpec): string => `${spec.name} iptables`;

/** The rules of a namespace, read once however often it boots: what counts and remembers is made from them in each run. */
const rulesOf = remember((spec: NamespaceSpec): Readonly<Record<Family, Loaded | null>> => ({
  ipv4: readRules(spec, 'ipv4'),
  ipv6: readRules(spec, 'ipv6'),
}));

function readRules(spec: NamespaceSpec, family: Family): Loaded | null {
  const text = spec.iptables?.[family];
  if (text === undefined || text.trim() === '') return null;
  const source = sourceOf(spec);
  const origins = spec.ruleOrigins?.[family];
  const parsed = parseSave(text, family, origins === undefined ? { source } : { source, origins });
  return { parsed, needsConntrack: rulesetNeedsConntrack(parsed.ruleset) };
}

function createNetns(
  spec: NamespaceSpec,
  diagnostics: Diagnostic[],
  appliance: Appliance | null = null,
): Netns {
  const nf: Record<Family, Netns['nf'][Family]> = { ipv4: null, ipv6: null };
  const ctOn: Record<Family, boolean> = { ipv4: false, ipv6: false };
  const source = sourceOf(spec);
  const made = createSets(spec.ipsets ?? [], `${spec.name} ipset`);
  diagnostics.push(...made.diagnostics);
  for (const family of ['ipv4', 'ipv6'] as const) {
    const loaded = rulesOf(spec)[family];
    if (loaded === null) continue;
    const { ruleset } = loaded.parsed;
    diagnostics.push(...loaded.parsed.diagnostics);
    const compiled = compileRuleset(ruleset, { sets: made.sets, source });
    diagnostics.push(...compiled.diagnostics);
    nf[family] = compiled;
    ctOn[family] = loaded.needsConntrack;
  }
  return {
    name: spec.name,
    site: { netns: spec.name, dev: null },
    spec,
    appliance,
    sysctl: createSysctls(spec.sysctls ?? {}),
    devices: [],
    byName: new Map(),
    // Filled by buildDevices, before anything can look at it. (A getter here would give each namespace a hidden class of its own, which
    // keeps all that it sees until the next full collection of garbage.)
    lo: undefined as unknown as Dev,
    fib4: createFib('ipv4'),
    fib6: createFib('ipv6'),
    neigh: new Map(),
    pmtu: new Map(),
    redirects: new Map(),
    ct: createCtTable(),
    ctOn,
    nf,
    sets: made.sets,
    sockets: createSockets(),
    fragments: new Map(),
    peers: new Map(),
    ipId: hashLabel(`${spec.name} ip id`) & 0xffff,
  };
}
