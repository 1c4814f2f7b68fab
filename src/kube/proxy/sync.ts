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
import { endpointsMap } from './endpoints.ts';
import { servicePorts } from './inputs.ts';
import { chainsOf, writeServiceChains } from './service-chains.ts';
import { planService } from './service-plan.ts';
import type { ProxyConfig } from './types.ts';
import { createWriter } from './writer.ts';

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

export function syncProxyRules(input: SyncInput, config: ProxyConfig): RestoreCommand {
  const endpoints = endpointsMap(input.slices, config);
  const ports = servicePorts(input.services, config);
  const total = ports.reduce((sum, port) => sum + endpoints.of(port).length, 0);
  const writer = createWriter(config.family);
  writeOpening(writer, config);
  for (const port of ports) {
    const plan = planService(port, endpoints.of(port), config);
    writeCaptureRules(writer, plan, config);
    for (const chain of chainsOf(plan)) writer.active.add(chain);
    if (input.unchanged?.has(port.service) !== true)
      writeServiceChains(writer, plan, config, total > LARGE_CLUSTER);
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
