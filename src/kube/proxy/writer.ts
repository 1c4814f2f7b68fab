// Where the generator puts its rules, and the words that they are made of. The order of arguments is kube-proxy's own.
import type { Origin } from '../../network/types.ts';
import type { IptRule } from '../iptables/types.ts';
import type { IpFamily } from '../objects/service.ts';
import type { ServicePort } from './types.ts';

export interface RuleWriter {
  readonly family: IpFamily;
  readonly filter: IptRule[];
  readonly nat: IptRule[];
  /** Chains of nat that belong to Services, in the order in which they are first written. */
  readonly natChains: string[];
  /** Chains that must survive this sync. */
  readonly active: Set<string>;
}
export const createWriter = (family: IpFamily): RuleWriter => ({
  family,
  filter: [],
  nat: [],
  natChains: [],
  active: new Set(),
});

const origin = (
  { family }: RuleWriter,
  object: string | null,
  table: string,
  chain: string,
): Origin => ({
  component: 'kube-proxy',
  object,
  command: `${family === 'IPv4' ? 'iptables' : 'ip6tables'} -t ${table} -S ${chain}`,
});

export function put(
  writer: RuleWriter,
  table: 'filter' | 'nat',
  chain: string,
  parts: readonly string[],
  object: string | null = null,
): void {
  let args = '';
  for (const part of parts) if (part !== '') args = args === '' ? part : `${args} ${part}`;
  // Rules of one chain that serve one object have one origin: a large cluster has tens of thousands of rules.
  const rules = writer[table];
  const last = rules.at(-1);
  const same = last !== undefined && last.chain === chain && last.origin.object === object;
  rules.push({ chain, args, origin: same ? last.origin : origin(writer, object, table, chain) });
}

/** `Service default/web:http` */
export const objectOf = (port: ServicePort): string => `Service ${port.name}`;

export const comment = (text: string): string => `-m comment --comment "${text}"`;
/** Comments without spaces go without quotes, in the rules where kube-proxy writes them so. */
export const bareComment = (text: string): string => `-m comment --comment ${text}`;
export const protocolMatch = (port: ServicePort): string =>
  `-m ${port.protocol} -p ${port.protocol}`;
export const destination = (port: ServicePort, ip: string): string =>
  `${protocolMatch(port)} -d ${ip} --dport ${port.port}`;
