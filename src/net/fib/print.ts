// Routes and rules as iproute2 prints them.
import { printAddr } from '../../wire/addr/ip.ts';
import { printPrefix } from '../../wire/addr/prefix.ts';
import { remember } from '../../base/remember.ts';
import type { PolicyRule, Route } from './types.ts';

/** Routes and rules are values: what is printed of one stays true. */
export const printRoute = remember(routeText);
export const printRule = remember(ruleText);

function routeText(route: Route): string {
  const width = typeof route.dst.addr === 'number' ? 32 : 128;
  const dst =
    route.dst.length === 0
      ? 'default'
      : route.dst.length === width
        ? printAddr(route.dst.addr)
        : printPrefix(route.dst);
  const words = route.type === 'unicast' ? [dst] : [route.type, dst];
  if (route.via !== null) words.push('via', printAddr(route.via));
  if (route.dev !== null) words.push('dev', route.dev.name);
  if (route.proto !== '') words.push('proto', route.proto);
  if (route.scope !== 'global') words.push('scope', route.scope);
  if (route.src !== null) words.push('src', printAddr(route.src));
  if (route.metric !== 0) words.push('metric', String(route.metric));
  if (route.mtu !== null) words.push('mtu', String(route.mtu));
  if (route.onlink) words.push('onlink');
  return words.join(' ');
}

function ruleText(rule: PolicyRule): string {
  const words = [`${rule.priority}:`];
  if (rule.not) words.push('not');
  words.push('from', rule.from === null ? 'all' : printPrefix(rule.from));
  if (rule.to !== null) words.push('to', printPrefix(rule.to));
  if (rule.fwmark !== null)
    words.push('fwmark', `0x${rule.fwmark.value.toString(16)}/0x${rule.fwmark.mask.toString(16)}`);
  if (rule.iif !== null) words.push('iif', rule.iif);
  if (rule.oif !== null) words.push('oif', rule.oif);
  words.push('lookup', rule.table);
  return words.join(' ');
}
