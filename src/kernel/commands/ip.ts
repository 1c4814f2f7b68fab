// ip(8): the objects link, address, route, rule and neighbour, with the abbreviations that it takes.
import { ipAddress } from './ip-address.ts';
import { ipLink } from './ip-link.ts';
import { ipNeigh } from './ip-neigh.ts';
import { ipRoute } from './ip-route.ts';
import { ipRule } from './ip-rule.ts';
import type { IpObject } from './ip-object.ts';
import type { Command } from './types.ts';

const OBJECTS: Readonly<Record<string, IpObject>> = {
  link: ipLink,
  address: ipAddress,
  route: ipRoute,
  rule: ipRule,
  neighbour: ipNeigh,
  neighbor: ipNeigh,
};

export const ip: Command = (k, ns, words) => {
  let family: 'ipv4' | 'ipv6' | null = null;
  let i = 0;
  for (; words[i]?.startsWith('-') === true; i++) {
    const option = words[i]!;
    if (option === '-6') family = 'ipv6';
    else if (option === '-4') family = 'ipv4';
    else if (option === '-n' || option === '-netns') return `${option} is not modelled`;
  }
  const name = words[i] ?? '';
  const object = Object.keys(OBJECTS).find((one) => name !== '' && one.startsWith(name));
  if (object === undefined) return `ip ${name} is not modelled`;
  const rest = words.slice(i + 1);
  return OBJECTS[object]!(k, ns, rest.length === 0 ? ['show'] : rest, family);
};
