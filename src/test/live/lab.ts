// A network, built from namespaces on the running kernel, quiet before anything is sent into it.
import { networkScript, netnsName } from '../../network/script.ts';
import { word } from '../../network/shell.ts';
import type { DeviceSpec, LinuxNetwork, NamespaceSpec } from '../../network/types.ts';
import { instrument } from '../predict/recording.ts';
import type { Agent } from './agent.ts';
import { withoutAppliances } from './appliances/index.ts';

export interface Lab {
  readonly agent: Agent;
  readonly prefix: string;
  readonly network: LinuxNetwork;
  /** `nft`: whatever `iptables` is here, which has to be that of nf_tables. */
  readonly rules?: 'legacy' | 'nft';
}

/** The kernel or its tools lack something; not a difference. */
export class Lacking extends Error {}

const LACKS =
  /No chain\/target\/match by that name|Extension .* is not supported|Unknown device type|Operation not supported/;
const PATIENCE_MS = 5000;

/** `traced`: with rules of the TRACE target. */
export async function buildLab(lab: Lab, traced: boolean): Promise<void> {
  const { agent, prefix, network, rules = 'legacy' } = lab;
  const iptables = rules === 'nft' ? 'iptables' : 'iptables-legacy';
  const whole = traced ? instrument(network) : network;
  const plain = withoutAppliances(whole);
  const sections = networkScript(plain.network, { prefix, iptables });
  const ports = plain.ports.map(
    ({ ns, args }) => `ip -n ${word(netnsName(prefix, ns))} link set dev ${args}`,
  );
  const lines = [...sections.flatMap((section) => section.lines), ...ports];
  const script = ['set -e', ...lines].join('\n');
  const { code, err } = await agent.ask('sh', { script });
  if (code !== 0) {
    const why = err.trim().split('\n').slice(0, 4).join(' | ');
    throw LACKS.test(err) ? new Lacking(why) : new Error(`the network was not built: ${why}`);
  }
  await devicesUp(lab);
  const families = network.namespaces.flatMap(({ name, iptables: tables }) => {
    const some = (['ipv4', 'ipv6'] as const).filter((one) => Boolean(tables?.[one]));
    return some.length === 0 || !traced ? [] : [[name, some] as const];
  });
  await agent.ask('open', {
    namespaces: network.namespaces.map(({ name }) => name),
    listeners: network.namespaces.flatMap((ns) =>
      (ns.listeners ?? []).map((one) => ({ ...one, ns: ns.name })),
    ),
    ...(rules === 'nft'
      ? { trace: {}, monitor: families.map(([name]) => name) }
      : { trace: Object.fromEntries(families) }),
  });
  if (network.namespaces.some(hasIpv6)) await forgetReports(lab);
  else await pause(150);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const netns = (lab: Lab, ns: NamespaceSpec): string => word(netnsName(lab.prefix, ns.name));

interface LinkState {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly operstate?: string;
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } };
}

/** A link is up a moment after it was told so, and a bridge port forwards a moment after that. */
async function devicesUp(lab: Lab): Promise<void> {
  const script = lab.network.namespaces
    .map((ns) => `ip -j -d -n ${netns(lab, ns)} link show; echo`)
    .join('\n');
  for (let waited = 0; ; waited += 30) {
    const { out } = await lab.agent.ask('sh', { script, pinned: false });
    const lists = out
      .split('\n')
      .filter((text) => text.startsWith('['))
      .map((text) => JSON.parse(text) as readonly LinkState[]);
    const late = lab.network.namespaces.flatMap((ns, i) =>
      (lists[i] ?? [])
        .filter((link) => isLate(link, ns.devices))
        .map((l) => `${ns.name} ${l.ifname}`),
    );
    if (late.length === 0) return;
    if (waited > PATIENCE_MS) throw new Error(`devices did not come up: ${late.join(', ')}`);
    await pause(30);
  }
}

function isLate(link: LinkState, devices: readonly DeviceSpec[]): boolean {
  const spec = devices.find(({ name }) => name === link.ifname);
  if (spec === undefined || spec.up === false || spec.type === 'loopback') return false;
  const state = link.linkinfo?.info_slave_data?.state;
  const running = !link.flags.includes('UP') || ['UP', 'UNKNOWN'].includes(link.operstate ?? '');
  return !running || (state !== undefined && state !== 'forwarding');
}

const hasIpv6 = ({ sysctls = {} }: NamespaceSpec): boolean =>
  sysctls['net.ipv6.conf.all.disable_ipv6'] !== '1';

/** Multicast listeners of new IPv6 addresses report themselves twice within two seconds, and bridges learn from it. When all have,
 *  the bridges forget; that itself is a change which they report. */
async function forgetReports(lab: Lab): Promise<void> {
  await quiet(lab);
  const flush = lab.network.namespaces.flatMap((ns) =>
    ns.devices
      .filter(({ type }) => type === 'bridge')
      .map(({ name }) => `ip -n ${netns(lab, ns)} link set ${word(name)} type bridge fdb_flush`),
  );
  if (flush.length === 0) return;
  await lab.agent.ask('sh', { script: flush.join('\n') });
  await quiet(lab);
}

async function quiet(lab: Lab): Promise<void> {
  const QUIET_MS = 1300;
  await pause(QUIET_MS);
  for (let waited = 0; waited < 2 * PATIENCE_MS; waited += 100) {
    const { quiet_ms } = await lab.agent.ask('flush', {});
    if (quiet_ms >= QUIET_MS) return;
    await pause(Math.max(100, QUIET_MS - quiet_ms));
  }
}
