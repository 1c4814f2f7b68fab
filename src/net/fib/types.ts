// Policy rules and routing tables (ip-rule(8), ip-route(8); net/ipv4/fib_rules.c, fib_trie.c).
import type { Origin } from '../../network/types.ts';
import type { RouteType } from '../../trace/types.ts';
import type { IpAddr, Prefix } from '../../wire/addr/types.ts';
import type { Dev } from '../types.ts';

export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere';
export const SCOPE: Readonly<Record<Scope, number>> = {
  global: 0,
  site: 200,
  link: 253,
  host: 254,
  nowhere: 255,
};

export interface Route {
  readonly dst: Prefix;
  readonly via: IpAddr | null;
  /** `via` was one of our own addresses when the route was added (fib_nh scope host): the kernel then takes every destination
   *  for one on the link. */
  readonly viaSelf?: boolean;
  readonly dev: Dev | null;
  readonly src: IpAddr | null;
  readonly type: RouteType;
  readonly scope: Scope;
  readonly table: string;
  readonly metric: number;
  readonly mtu: number | null;
  readonly onlink: boolean;
  readonly proto: string;
  readonly origin: Origin | null;
}

export interface PolicyRule {
  readonly priority: number;
  readonly not: boolean;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly fwmark: { readonly value: number; readonly mask: number } | null;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly table: string;
  readonly origin: Origin | null;
}

/** Mutable: routes come and go with links and commands. */
export interface Fib {
  readonly family: 'ipv4' | 'ipv6';
  /** In order of priority. */
  readonly rules: PolicyRule[];
  /** Each sorted: longest prefix, then lowest metric, then oldest. */
  readonly tables: Map<string, Route[]>;
}

export interface FibKey {
  readonly dst: IpAddr;
  readonly src: IpAddr | null;
  readonly mark: number;
  /** Ingress device, or `lo` for what is made here. */
  readonly iif: string;
  /** Only routes out of this device. */
  readonly oif: string | null;
}

export interface FibHit {
  readonly rule: PolicyRule;
  readonly route: Route;
}
