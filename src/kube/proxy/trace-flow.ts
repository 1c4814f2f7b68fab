// Where a first packet goes through a generated ruleset, without a kernel: every random branch is explored and no connection is
// tracked. A test oracle of upstream's own tests (proxier_test.go, the packet flow tests); the journeys use the real engine.
import { parsePrefix, contains } from '../../wire/addr/prefix.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { RestoreCommand } from './sync.ts';

export interface FlowCase {
  readonly sourceIP: string;
  readonly destIP: string;
  readonly protocol: string;
  readonly destPort: number;
}
interface Probe {
  readonly src: IpAddr | null;
  dst: IpAddr | null;
  readonly protocol: string;
  readonly port: string;
  readonly local: ReadonlySet<string>;
  readonly outputs: string[];
  masq: boolean;
}

/** Conditions that a static trace can judge. An interface, a mark or a connection state is never known. */
function matches(args: string, probe: Probe): boolean {
  if (/--ctstate|--rcheck|-m mark/.test(args)) return false;
  const inside = (addr: IpAddr | null, text: string): boolean => {
    const prefix = parsePrefix(text);
    return prefix !== null && addr !== null && contains(prefix, addr);
  };
  const isLocal = (addr: IpAddr | null): boolean =>
    [...probe.local].some((text) => parseAddr(text) === addr);
  const tests: readonly [RegExp, (value: string) => boolean][] = [
    [/(! )?-s (\S+)/, (value) => inside(probe.src, value)],
    [/(! )?-d (\S+)/, (value) => inside(probe.dst, value)],
    [/(! )?-p (\S+)/, (value) => value === probe.protocol],
    [/(! )?--dport (\S+)/, (value) => value === probe.port],
    [/(! )?--src-type (\S+)/, () => isLocal(probe.src)],
    [/(! )?--dst-type (\S+)/, () => isLocal(probe.dst)],
  ];
  return tests.every(([pattern, test]) => {
    const found = pattern.exec(args);
    return found === null || test(found[2] ?? '') !== (found[1] !== undefined);
  });
}

/** True where the packet's way through the calling chain is over as well. */
function walk(
  rules: RestoreCommand['tables'][number]['rules'],
  chain: string,
  probe: Probe,
): boolean {
  for (const { args } of rules.filter((rule) => rule.chain === chain)) {
    const bare = args.replace(/-m comment --comment (?:"[^"]*"|\S+)/, '');
    if (!matches(bare, probe)) continue;
    const target = /-j (\S+)/.exec(bare)?.[1];
    if (target === undefined || target === 'MARK') continue;
    if (target === 'KUBE-MARK-MASQ') {
      probe.masq = true;
      continue;
    }
    if (target === 'DNAT') {
      probe.outputs.push(/--to-destination (\S+)/.exec(bare)?.[1] ?? '');
      return true;
    }
    if (target === 'ACCEPT' || target === 'DROP' || target === 'REJECT') {
      probe.outputs.push(target);
      return true;
    }
    if (target === 'RETURN') return false;
    if (walk(rules, target, probe) && !bare.includes('--probability')) return true;
  }
  return false;
}

export function traceFlow(
  restore: RestoreCommand,
  flow: FlowCase,
  local: readonly string[],
): { readonly output: string; readonly masq: boolean } {
  const rules = (table: string) =>
    restore.tables.filter((part) => part.table === table).flatMap((part) => part.rules);
  const probe: Probe = {
    src: parseAddr(flow.sourceIP),
    dst: parseAddr(flow.destIP),
    protocol: flow.protocol,
    port: String(flow.destPort),
    local: new Set(local),
    outputs: [],
    masq: false,
  };
  walk(rules('nat'), 'KUBE-SERVICES', probe);
  const first = probe.outputs[0];
  if (first !== undefined) probe.dst = parseAddr(first.replace(/:\d+$/, '').replace(/[[\]]/g, ''));
  for (const chain of [
    'KUBE-SERVICES',
    'KUBE-EXTERNAL-SERVICES',
    'KUBE-NODEPORTS',
    'KUBE-PROXY-FIREWALL',
  ])
    walk(rules('filter'), chain, probe);
  return { output: probe.outputs.join(', '), masq: probe.masq };
}
