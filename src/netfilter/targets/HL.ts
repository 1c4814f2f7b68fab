// -j HL: changes Hop Limit (net/netfilter/xt_HL.c hl_tg6).
import { hopTarget } from './hop-change.ts';

export const HL = hopTarget('HL', 'ipv6');
