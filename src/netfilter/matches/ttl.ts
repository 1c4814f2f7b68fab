// -m ttl: Time to Live of IPv4 (net/netfilter/xt_hl.c ttl_mt).
import { hopsMatch } from './hops.ts';

export const ttl = hopsMatch('ttl', 'ipv4', 'TTL');
