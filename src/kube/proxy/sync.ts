// One run of syncProxyRules (pkg/proxy/iptables/proxier.go): Services and EndpointSlices in, iptables-restore input out.
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { Service } from '../objects/service.ts';
import type { IptCommand } from '../iptables/types.ts';
import { writeCaptureRules } from './capture.ts';
import {
  answersOnLocalhost,
  FILTER_CHAINS,
  NAT_CHAINS,
  writeClosing,
  writeOpening,
} from './closing.ts';
import { endpointsOn } from './endpoints.ts';
import { chainsOf, writeServiceChains } from './service-chains.ts';
import { planService } from './service-plan.ts';
import type { ServicePlan } from './service-plan.ts';
import { proxyShared } from './shared.ts';
import type { ProxyShared, Segment } from './shared.ts';
import type { ProxyConfig } from './types.ts';
import { createWriter } from './writer.ts';
import type { RuleWriter } from './writer.ts';

/** Above this many endpoints the comments that repeat for each of them are left out. */
export const LARGE_CLUSTER = 1000;

export interface SyncInput {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** A partial sync: Services (`default/web`) that did not change keep the chains that they have. */
  readonly unchanged?: ReadonlySet<string>;
  /** Chains of nat in the kernel before: those of Services that are not used any more are removed. */
  readonly existing?: readonly string[];
}
export type RestoreCommand = Extract<IptCommand, { do: 'restore' }>;

const SERVICE_CHAIN = /^KUBE-(SVC|SVL|SEP|FW|EXT)-/;

/** `shared`: of the nodes of one cluster, which have the same Services and slices. */
export function syncProxyRules(
  input: SyncInput,
  config: ProxyConfig,
  shared: ProxyShared = proxyShared(input.services, input.slices),
): RestoreCommand {
  const lists = shared.endpoints(config);
  const ports = shared
    .ports(config)
    .map((port) => ({ port, endpoints: endpointsOn(lists, config.nodeName, port) }));
  const large = ports.reduce((sum, { endpoints }) => sum + endpoints.length, 0) > LARGE_CLUSTER;
  const circumstances = circumstancesOf(config, large);
  const writer = createWriter(config.family);
  writeOpening(writer, config);
  for (const { port, endpoints } of ports) {
    const plan = planService(port, endpoints, config, shared.names(port));
    const add = (kind: 'capture' | 'chains', write: (writer: RuleWriter) => void): void => {
      const segment = shared.segment(kind, plan, circumstances(plan), () => {
        const part = createWriter(config.family);
        write(part);
        return part;
      });
      append(writer, segment);
    };
    add('capture', (part) => writeCaptureRules(part, plan, config));
    for (const chain of chainsOf(plan)) writer.active.add(chain);
    if (input.unchanged?.has(port.service) !== true)
      add('chains', (part) => writeServiceChains(part, plan, config, large));
  }
  const stale = (input.existing ?? []).filter(
    (chain) => SERVICE_CHAIN.test(chain) && !writer.active.has(chain),
  );
  writeClosing(writer, config);
  const firewall = answersOnLocalhost(config) ? ['KUBE-FIREWALL'] : [];
  return {
    do: 'restore',
    tables: [
      {
        table: 'filter',
        chains: [...FILTER_CHAINS, ...firewall],
        rules: writer.filter,
        deletions: [],
      },
      {
        table: 'nat',
        chains: [...NAT_CHAINS, ...writer.natChains, ...stale],
        rules: writer.nat,
        deletions: stale,
      },
    ],
  };
}

function append(writer: RuleWriter, segment: Segment): void {
  for (const rule of segment.filter) writer.filter.push(rule);
  for (const rule of segment.nat) writer.nat.push(rule);
  for (const chain of segment.natChains) writer.natChains.push(chain);
}

/** All of a node's settings that rules of a Service depend on. Its own address counts in one place (writeFirewall). */
function circumstancesOf(config: ProxyConfig, large: boolean): (plan: ServicePlan) => string {
  const { nodeName: _name, nodeLabels: _labels, localAddresses: _all, nodeIP, ...rest } = config;
  const common = JSON.stringify([large, rest]);
  return ({ useFw }) => (useFw ? `${common} ${nodeIP}` : common);
}
