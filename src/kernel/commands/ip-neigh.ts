// ip-neighbour(8): add, replace, change, delete, flush, and proxy entries.
import { createNeigh, findNeigh } from '../../net/neigh/table.ts';
import type { NudState } from '../../trace/types.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import { parseMac } from '../../wire/addr/mac.ts';
import { forgetNeigh, setNeigh } from '../admin/neigh.ts';
import type { IpObject } from './ip-object.ts';
import { verbOf } from './ip-object.ts';
import { keywords } from './shell.ts';

const FLAGS = ['router', 'extern_learn', 'managed', 'all'];

export const ipNeigh: IpObject = (k, ns, words, family) => {
  const [word = '', ...rest] = words;
  const verb = verbOf(word);
  if (['show', 'list', 'get'].includes(verb)) return null;
  if (verb === 'flush') {
    const options = keywords(
      rest[0] === 'to' || parseAddr(rest[0] ?? '') === null ? rest : ['to', ...rest],
      FLAGS,
    );
    const dev = options.get('dev');
    const to = options.has('to') ? parseAddr(options.get('to')!) : null;
    const nud = options.get('nud')?.toUpperCase();
    for (const neigh of [...ns.neigh.values()]) {
      if (dev !== undefined && neigh.dev.name !== dev) continue;
      if (to !== null && neigh.ip !== to) continue;
      if (family !== null && (family === 'ipv6') !== (typeof neigh.ip === 'bigint')) continue;
      const fixed = neigh.state === 'PERMANENT' || neigh.state === 'NOARP';
      if (nud === undefined ? !fixed : nud === 'ALL' || nud === neigh.state) forgetNeigh(k, neigh);
    }
    return null;
  }
  const proxy = rest[0] === 'proxy';
  const args = proxy ? rest.slice(1) : rest;
  const options = keywords(args.slice(1), FLAGS);
  const ip = parseAddr(args[0] ?? '');
  const dev = ns.byName.get(options.get('dev') ?? '');
  if (ip === null || dev === undefined) return 'no such address or device';
  if (proxy) {
    if (verb === 'delete') dev.proxyNeigh.delete(ip);
    else dev.proxyNeigh.add(ip);
    return null;
  }
  const known = findNeigh(dev, ip);
  if (verb === 'delete') {
    if (known === undefined) return 'RTNETLINK answers: No such file or directory';
    forgetNeigh(k, known);
    return null;
  }
  if (!['add', 'replace', 'change'].includes(verb)) return `ip neigh ${verb} is not modelled`;
  if (verb === 'add' && known !== undefined) return 'RTNETLINK answers: File exists';
  if (verb === 'change' && known === undefined)
    return 'RTNETLINK answers: No such file or directory';
  const mac = options.has('lladdr') ? parseMac(options.get('lladdr')!) : null;
  const state = (options.get('nud') ?? 'permanent').toUpperCase() as NudState;
  setNeigh(k, known ?? createNeigh(ns, dev, ip, k.rec.now), mac, state);
  return null;
};
