// The chains of one Service port: KUBE-EXT (external traffic), KUBE-FW (source ranges), KUBE-SVC and KUBE-SVL (choice of an endpoint,
// anywhere and on this node), KUBE-SEP (one endpoint: DNAT). A partial sync leaves those of unchanged Services alone.
import { contains } from '../../wire/addr/prefix.ts';
import { usesClusterEndpoints, usesLocalEndpoints } from './inputs.ts';
import { parseCidrSloppy, parseSloppy } from './ip.ts';
import { probability } from './probability.ts';
import type { ServicePlan } from './service-plan.ts';
import type { ProxyConfig, ProxyEndpoint } from './types.ts';
import { bareComment, comment, destination, objectOf, protocolMatch, put } from './writer.ts';
import type { RuleWriter } from './writer.ts';

type Put = (chain: string, ...parts: string[]) => void;

/** Chains that the plan uses, in the order in which they are declared. */
export function chainsOf(plan: ServicePlan): readonly string[] {
  const { port, chains, cluster, local } = plan;
  return [
    ...(plan.useExt ? [chains.ext] : []),
    ...(plan.useFw ? [chains.fw] : []),
    ...(usesClusterEndpoints(port) && (cluster ?? []).length > 0 ? [chains.svc] : []),
    ...(usesLocalEndpoints(port) && (local ?? []).length > 0 ? [chains.svl] : []),
    ...plan.reachable.map(chains.sep),
  ];
}

export function writeServiceChains(
  writer: RuleWriter,
  plan: ServicePlan,
  config: ProxyConfig,
  large: boolean,
): void {
  const { port, chains } = plan;
  const nat: Put = (chain, ...parts) => put(writer, 'nat', chain, parts, objectOf(port));
  writer.natChains.push(...chainsOf(plan));

  if (plan.hasInternal) {
    const match = [comment(`${port.name} cluster IP`), destination(port, port.clusterIP)];
    if (config.masqueradeAll) nat(chains.internal, ...match, '-j KUBE-MARK-MASQ');
    else if (config.detector !== null)
      nat(chains.internal, ...match, config.detector.isNotLocal, '-j KUBE-MARK-MASQ');
  }
  if (plan.useExt) writeExternal(nat, plan, config);
  if (plan.useFw) writeFirewall(nat, plan, config);
  if (usesClusterEndpoints(port)) writeDispatch(nat, plan, chains.svc, plan.cluster ?? [], large);
  if (usesLocalEndpoints(port)) writeDispatch(nat, plan, chains.svl, plan.local ?? [], large);
  for (const endpoint of plan.reachable) writeEndpoint(nat, plan, endpoint, large);
}

function writeExternal(
  nat: Put,
  { port, chains, hasExternal }: ServicePlan,
  config: ProxyConfig,
): void {
  const what = `for ${port.name} external destinations`;
  if (!port.externalPolicyLocal)
    nat(chains.ext, comment(`masquerade traffic ${what}`), '-j KUBE-MARK-MASQ');
  else {
    // Pods and the node itself are not "external": they may use any endpoint, as through the cluster IP.
    if (config.detector !== null)
      nat(chains.ext, comment(`pod traffic ${what}`), config.detector.isLocal, `-j ${chains.svc}`);
    const fromNode = '-m addrtype --src-type LOCAL';
    nat(chains.ext, comment(`masquerade LOCAL traffic ${what}`), fromNode, '-j KUBE-MARK-MASQ');
    nat(chains.ext, comment(`route LOCAL traffic ${what}`), fromNode, `-j ${chains.svc}`);
  }
  if (hasExternal) nat(chains.ext, `-j ${chains.external}`);
}

function writeFirewall(nat: Put, { port, chains }: ServicePlan, config: ProxyConfig): void {
  const why = comment(`${port.name} loadbalancer IP`);
  for (const range of port.sourceRanges) nat(chains.fw, why, `-s ${range}`, `-j ${chains.ext}`);
  // A node that may use the balancer reaches it with the balancer's own address as source (hairpin).
  const node = parseSloppy(config.nodeIP);
  const allowed = port.sourceRanges.some((text) => {
    const range = parseCidrSloppy(text);
    return node !== null && range !== null && contains(range, node);
  });
  if (allowed) for (const vip of port.lbVIPs) nat(chains.fw, why, `-s ${vip}`, `-j ${chains.ext}`);
  nat(chains.fw, comment(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`));
}

/** A cascade: the first of n takes 1/n, the second 1/(n-1) of the rest, the last all that is left. */
function writeDispatch(
  nat: Put,
  { port, chains }: ServicePlan,
  chain: string,
  endpoints: readonly ProxyEndpoint[],
  large: boolean,
): void {
  const why = (endpoint: ProxyEndpoint): string =>
    large ? '' : comment(`${port.name} -> ${endpoint.text}`);
  if (port.affinitySeconds !== null)
    for (const endpoint of endpoints) {
      const sep = chains.sep(endpoint);
      const seen = `-m recent --name ${sep} --rcheck --seconds ${port.affinitySeconds} --reap`;
      nat(chain, why(endpoint), seen, `-j ${sep}`);
    }
  endpoints.forEach((endpoint, i) => {
    const left = endpoints.length - i;
    const chance =
      left === 1 ? '' : `-m statistic --mode random --probability ${probability(left)}`;
    nat(chain, why(endpoint), chance, `-j ${chains.sep(endpoint)}`);
  });
}

function writeEndpoint(
  nat: Put,
  { port, chains }: ServicePlan,
  endpoint: ProxyEndpoint,
  large: boolean,
): void {
  const sep = chains.sep(endpoint);
  const why = large ? '' : bareComment(port.name);
  // Hairpin: a pod that reaches itself must not see its own address as the client's.
  nat(sep, why, `-s ${endpoint.ip}`, '-j KUBE-MARK-MASQ');
  const remember = port.affinitySeconds === null ? '' : `-m recent --name ${sep} --set`;
  nat(sep, why, remember, protocolMatch(port), `-j DNAT --to-destination ${endpoint.text}`);
}
