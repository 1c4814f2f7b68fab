// -j TTL: changes Time to Live (net/netfilter/xt_HL.c ttl_tg).
import { hopTarget } from './hop-change.ts';

export const TTL = hopTarget('TTL', 'ipv4');
