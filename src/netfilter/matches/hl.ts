// -m hl: Hop Limit of IPv6 (net/netfilter/xt_hl.c hl_mt6).
import { hopsMatch } from './hops.ts';

export const hl = hopsMatch('hl', 'ipv6', 'hop limit');
