// Whole clusters as they are compiled, with kube-proxy's rules: the rows of the table of network plugins, sent through the real kernel.
import * as v from 'valibot';
import { cniOf, cniOptions } from '../../kube/cni/index.ts';
import type { CompiledCluster } from '../../kube/compile.ts';
import type { IpFamily } from '../../kube/families.ts';
import type { LinuxNetwork, StepSpec } from '../../network/types.ts';
import { compiled } from '../cluster-run.ts';
import { clusterOf, flowsOf, MANIFESTS } from '../cluster-table/flows.ts';
import { variants } from '../cluster-table/variants.ts';
import type { Variant } from '../cluster-table/variants.ts';
import type { Case } from './check.ts';

/** A case is a network that is built once, and so many rows one after the other: fewer than five seconds of them, or neighbours are
 *  asked anew in between. */
const ROWS = 3;
/** A row that is lost ends here; the next begins away from whole seconds, where TCP and ARP try again. */
const PATIENCE = { timeout_ms: 400 };
const PAUSE: StepSpec = { do: 'sleep', ms: 100 };

/** As the recordings have it: no duplicate address detection and no search for routers, which take seconds and have nothing to do with it. */
const QUIET: Readonly<Record<string, string>> = {
  'net.ipv6.conf.all.accept_dad': '0',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.router_solicitations': '0',
  'net.ipv6.conf.all.accept_ra': '0',
  'net.ipv6.conf.default.accept_ra': '0',
};
const quiet = (network: LinuxNetwork): LinuxNetwork => ({
  ...network,
  namespaces: network.namespaces.map((ns) => ({ ...ns, sysctls: { ...QUIET, ...ns.sysctls } })),
});

const optionsText = ({ options }: Variant): string =>
  Object.entries(options)
    .map(([key, value]) => (key === 'name' ? String(value) : `${key} ${String(value)}`))
    .join(', ');

function casesOfVariant(variant: Variant, at: number): readonly Case[] {
  const { name } = variant.options;
  const { families } = cniOf(v.parse(cniOptions, variant.options));
  const cluster = compiled(clusterOf(variant, families), MANIFESTS);
  return families.flatMap((family) => casesOfFamily(variant, cluster, family, `c-${name}-${at}`));
}

function casesOfFamily(
  variant: Variant,
  cluster: CompiledCluster,
  family: IpFamily,
  head: string,
): readonly Case[] {
  const rows = Object.entries(flowsOf(cluster, family));
  const topology = quiet(cluster.network);
  return Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, part): Case => {
    const own = rows.slice(part * ROWS, (part + 1) * ROWS);
    return {
      id: `${head}-${family}-${part}`,
      title: `${optionsText(variant)}, ${family}: ${own.map(([row]) => row).join('; ')}`,
      topology,
      steps: own.flatMap(([, { id: _id, ...flow }], i): readonly StepSpec[] => [
        ...(i === 0 ? [] : [PAUSE]),
        { do: 'flow', id: `f${i}`, proto: 'tcp', sport: 40_001 + i, ...PATIENCE, ...flow },
      ]),
    };
  });
}

export const clusterCases = (): readonly Case[] => variants.flatMap(casesOfVariant);
