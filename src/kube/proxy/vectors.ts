// Answers for the conformance vectors of kube-proxy (../conformance/kube-proxy, an optional folder of test data): inputs of one case
// in, what the comparison judges out. Used by tests and by the command line tool that predicts.
import { parseSave } from '../../netfilter/save/parse.ts';
import { printSave } from '../../netfilter/save/print.ts';
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { IpFamily, Service } from '../objects/service.ts';
import { applyCommand, createState, printRestore, printState } from '../iptables/state.ts';
import { iptFamily } from '../families.ts';
import { kubeletRules } from '../kubelet.ts';
import { chooseEndpoints } from './choose.ts';
import { localDetector, markOf, PROXY_DEFAULTS } from './config.ts';
import type { DetectLocal } from './config.ts';
import { endpointText, nftName, serviceChain, endpointChain } from './names.ts';
import type { ServiceChainPrefix } from './names.ts';
import { proxyPlumbing } from './plumbing.ts';
import { probability } from './probability.ts';
import { syncProxyRules } from './sync.ts';
import { traceFlow } from './trace-flow.ts';
import type { ProxyConfig, ServicePort } from './types.ts';

export interface RulesetCase {
  readonly name: string;
  readonly config: {
    readonly ipFamily: IpFamily;
    readonly detectLocal: DetectLocal;
    readonly masqueradeAll: boolean;
    readonly masqueradeMark?: string;
    readonly masqueradeBit?: number;
    readonly nodePortAddresses: readonly string[];
    readonly localhostNodePorts: boolean;
    readonly randomFully: boolean;
    readonly conntrackTCPLiberal: boolean;
    readonly nfacct: {
      readonly ctStateInvalidDropped: boolean;
      readonly localhostNodePortsAccepted: boolean;
    };
    readonly featureGates?: {
      readonly LoadBalancerIPMode?: boolean;
      readonly PreferSameTrafficDistribution?: boolean;
    };
  };
  readonly nodeName: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly nodeIP: string;
  readonly nodeIPs: readonly string[];
  readonly loopbackIPs: readonly string[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}
interface EndpointCase {
  readonly ip: string;
  readonly port: number;
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}
export interface ProxyVectors {
  readonly rulesets: readonly RulesetCase[];
  readonly saves: readonly { readonly name: string; readonly ruleset: string }[];
  readonly chains: readonly {
    readonly name: string;
    readonly ruleset: string;
    readonly table: string;
    readonly chain: string;
  }[];
  readonly flows: readonly {
    readonly name: string;
    readonly ruleset: string;
    readonly sourceIP: string;
    readonly destIP: string;
    readonly protocol: string;
    readonly destPort: number;
  }[];
  readonly categorize: readonly {
    readonly name: string;
    readonly nodeName: string;
    readonly nodeLabels: Readonly<Record<string, string>>;
    readonly featureGates?: { readonly PreferSameTrafficDistribution?: boolean };
    readonly servicePort: Pick<
      ServicePort,
      'nodePort' | 'externalPolicyLocal' | 'internalPolicyLocal'
    >;
    readonly endpoints: readonly EndpointCase[];
  }[];
  readonly chainNames: readonly {
    readonly name: string;
    readonly kind: string;
    readonly prefix?: string;
    readonly servicePortName?: string;
    readonly protocol?: string;
    readonly endpoint?: string | null;
    readonly input?: string;
  }[];
  readonly probabilities: readonly { readonly name: string; readonly n: number }[];
}
export type ProxyAnswer = { readonly kind: string; readonly name: string } & Readonly<
  Record<string, unknown>
>;

export function configOf({ config, ...node }: RulesetCase): ProxyConfig {
  return {
    family: config.ipFamily,
    nodeName: node.nodeName,
    nodeLabels: node.nodeLabels,
    nodeIP: node.nodeIP,
    localAddresses: [...node.loopbackIPs, ...node.nodeIPs],
    detector: localDetector(config.detectLocal, config.ipFamily),
    masqueradeAll: config.masqueradeAll,
    mark: config.masqueradeMark ?? markOf(config.masqueradeBit ?? 14),
    nodePortAddresses: config.nodePortAddresses,
    localhostNodePorts: config.localhostNodePorts,
    randomFully: config.randomFully,
    conntrackTcpLiberal: config.conntrackTCPLiberal,
    nfacct: {
      invalidDropped: config.nfacct.ctStateInvalidDropped,
      localhostAccepted: config.nfacct.localhostNodePortsAccepted,
    },
    gates: {
      loadBalancerIPMode: config.featureGates?.LoadBalancerIPMode ?? true,
      preferSameTraffic: config.featureGates?.PreferSameTrafficDistribution ?? true,
    },
  };
}

const restoreOf = (one: RulesetCase) =>
  syncProxyRules({ services: one.services, slices: one.endpointSlices }, configOf(one));

/** The whole node: the kubelet's share, then kube-proxy's jumps, then its rules, in the words of the components. */
export function nodeTables(one: RulesetCase): string {
  const state = createState();
  const family = iptFamily(one.config.ipFamily);
  for (const command of [
    ...kubeletRules(family),
    ...proxyPlumbing(one.config.ipFamily),
    restoreOf(one),
  ])
    applyCommand(state, command);
  return printState(state).text;
}

/** What iptables-save prints after this was restored. */
const toSave = (text: string, family: 'ipv4' | 'ipv6'): string =>
  printSave(parseSave(text, family, { source: 'node' }).ruleset);

/** What a kind asks for; absent kinds are empty. */
const casesOf = <K extends keyof ProxyVectors>(vectors: Partial<ProxyVectors>, kind: K) =>
  (vectors[kind] ?? []) as ProxyVectors[K];

/** Answers to all cases, in the order of the file. A case that breaks does not take the others along: `broken` hears of it. */
export function kubeProxyVectors(
  vectors: Partial<ProxyVectors>,
  broken: (kind: string, name: string, error: unknown) => void = (kind, name, error) => {
    throw new Error(`${kind} ${name}`, { cause: error });
  },
): readonly ProxyAnswer[] {
  const rulesets = casesOf(vectors, 'rulesets');
  const byName = new Map(rulesets.map((one) => [one.name, one]));
  const rulesetOf = (name: string): RulesetCase => {
    const one = byName.get(name);
    if (one === undefined) throw new Error(`there is no ruleset ${name}`);
    return one;
  };
  const answers: ProxyAnswer[] = [];
  const each = <T extends { readonly name: string }>(
    kind: string,
    cases: readonly T[],
    fieldsOf: (one: T) => Readonly<Record<string, unknown>>,
  ): void => {
    for (const one of cases)
      try {
        answers.push({ kind, name: one.name, ...fieldsOf(one) });
      } catch (error) {
        broken(kind, one.name, error);
      }
  };
  each('rulesets', rulesets, (one) => ({ restore: printRestore(restoreOf(one)) }));
  each('saves', casesOf(vectors, 'saves'), ({ ruleset }) => {
    const one = rulesetOf(ruleset);
    return { save: toSave(nodeTables(one), iptFamily(one.config.ipFamily)) };
  });
  each('chains', casesOf(vectors, 'chains'), ({ ruleset, table, chain }) => ({
    rules: restoreOf(rulesetOf(ruleset))
      .tables.filter((part) => part.table === table)
      .flatMap((part) => part.rules.filter((rule) => rule.chain === chain))
      .map((rule) => `-A ${rule.chain} ${rule.args}`),
  }));
  each('flows', casesOf(vectors, 'flows'), (flow) => {
    const one = rulesetOf(flow.ruleset);
    return { ...traceFlow(restoreOf(one), flow, [...one.loopbackIPs, ...one.nodeIPs]) };
  });
  each('categorize', casesOf(vectors, 'categorize'), categorize);
  each('chainNames', casesOf(vectors, 'chainNames'), (one) => ({ value: nameOf(one) }));
  each('probabilities', casesOf(vectors, 'probabilities'), ({ n }) => ({ value: probability(n) }));
  return answers;
}

function categorize(one: ProxyVectors['categorize'][number]): Readonly<Record<string, unknown>> {
  const port: ServicePort = {
    name: '', service: '', portName: '', protocol: 'tcp', port: 80, clusterIP: '',
    externalIPs: [], lbVIPs: [], sourceRanges: [], affinitySeconds: null, healthCheckNodePort: 0,
    ...one.servicePort,
  }; // prettier-ignore
  const endpoints = one.endpoints.map((e) => ({ ...e, text: endpointText(e.ip, e.port) }));
  const preferSameTraffic = one.featureGates?.PreferSameTrafficDistribution ?? true;
  const chosen = chooseEndpoints(port, endpoints, {
    nodeName: one.nodeName,
    nodeLabels: one.nodeLabels,
    gates: { ...PROXY_DEFAULTS.gates, preferSameTraffic },
  });
  const texts = (list: typeof chosen.cluster) => list?.map((e) => e.text) ?? null;
  return {
    cluster: texts(chosen.cluster),
    local: texts(chosen.local),
    all: texts(chosen.reachable),
  };
}

function nameOf(one: ProxyVectors['chainNames'][number]): string {
  if (one.kind === 'nftName') return nftName(one.input ?? '');
  const { servicePortName = '', protocol = '', endpoint } = one;
  return typeof endpoint === 'string'
    ? endpointChain(servicePortName, protocol, endpoint)
    : serviceChain(one.prefix as ServiceChainPrefix, servicePortName, protocol);
}
