// How a datagram socket makes its packet (__ip_append_data, __ip_make_skb; net/ipv4/ip_output.c, net/ipv6/ip6_output.c): DF, and
// whether a message longer than the path MTU is cut here or refused. Pieces of a local message never carry DF.
import { sysctl } from '../../net/sysctl.ts';
import type { Dst, NetnsBase } from '../../net/types.ts';

/** IP_MTU_DISCOVER (ip(7)). */
export const PMTUDISC = { dont: 0, want: 1, do: 2, probe: 3, interface: 4, omit: 5 } as const;

/** What a new socket has: `want`, unless ip_no_pmtu_disc says otherwise. */
export const defaultPmtudisc = (ns: NetnsBase): number =>
  sysctl(ns.sysctl, 'net.ipv4.ip_no_pmtu_disc') === 0 ? PMTUDISC.want : PMTUDISC.dont;

export interface DatagramPlan {
  readonly df: boolean;
  /** It may be cut although nothing else allows it (skb->ignore_df). */
  readonly ignoreDf: boolean;
}

/** `length`: with the IP header. null: EMSGSIZE. */
export function planDatagram(dst: Dst, length: number, pmtudisc: number): DatagramPlan | null {
  const cuts = pmtudisc < PMTUDISC.do || pmtudisc === PMTUDISC.omit;
  const mtu = pmtudisc < PMTUDISC.probe ? dst.mtu : dst.dev.mtu;
  if (length > (cuts ? 0xffff : mtu)) return null;
  const always = pmtudisc === PMTUDISC.do || pmtudisc === PMTUDISC.probe;
  return { df: always || (pmtudisc === PMTUDISC.want && length <= dst.mtu), ignoreDf: cuts };
}
