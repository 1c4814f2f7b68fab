// bridge(8): entries of a forwarding database, and flags of a port.
import { printMac, parseMac } from '../../wire/addr/mac.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import type { Dev, PortState } from '../../net/types.ts';
import type { Netns } from '../types.ts';
import { keywords } from './shell.ts';
import type { Command } from './types.ts';

const FLAGS = ['self', 'master', 'permanent', 'static', 'dynamic', 'local', 'extern_learn', 'use'];

function fdb(ns: Netns, words: readonly string[]): string | null {
  const [verb = '', text = '', ...rest] = words;
  if (verb === 'show') return null;
  if (verb === 'flush') return flush(ns, keywords(words.slice(1), FLAGS).get('dev'));
  const mac = parseMac(text);
  const options = keywords(rest, FLAGS);
  const dev = ns.byName.get(options.get('dev') ?? '');
  if (mac === null || dev === undefined) return 'no such device or address';
  if (dev.vxlan !== null && !options.has('master')) return vxlan(dev, verb, mac, options);
  const bridge = dev.bridge === null ? dev.master : dev;
  if (bridge?.bridge == null) return 'RTNETLINK answers: Operation not supported';
  const entries = bridge.bridge.fdb;
  if (verb === 'del') return entries.delete(mac) ? null : 'RTNETLINK answers: No such file';
  if (verb === 'add' && entries.has(mac)) return 'RTNETLINK answers: File exists';
  const local = options.has('permanent') || options.has('local');
  const kept = local || options.has('static');
  entries.set(mac, {
    mac,
    port: dev,
    local,
    updated: kept ? (Infinity as never) : (0 as never),
    ...(kept && !local ? { fixed: true } : {}),
  });
  return null;
}

function vxlan(
  dev: Dev,
  verb: string,
  mac: NonNullable<ReturnType<typeof parseMac>>,
  options: ReadonlyMap<string, string>,
): string | null {
  const table = dev.vxlan!.fdb;
  const old = table.get(mac) ?? [];
  const dst = options.has('dst') ? parseAddr(options.get('dst')!) : null;
  if (verb === 'del') {
    const left = dst === null ? [] : old.filter((e) => e.dst !== dst);
    if (left.length === old.length) return 'RTNETLINK answers: No such file or directory';
    if (left.length === 0) table.delete(mac);
    else table.set(mac, left);
    return null;
  }
  if (dst === null) return 'a vxlan entry needs dst';
  const command = `bridge fdb ${verb} ${printMac(mac)} dev ${dev.name} dst ${options.get('dst')}`;
  const entry = { mac, dst, origin: { component: 'command', object: null, command } };
  if (verb === 'add' && old.length > 0) return 'RTNETLINK answers: File exists';
  table.set(mac, verb === 'append' ? [...old.filter((e) => e.dst !== dst), entry] : [entry]);
  return null;
}

function flush(ns: Netns, name: string | undefined): string | null {
  const dev = ns.byName.get(name ?? '');
  if (dev?.vxlan != null) dev.vxlan.fdb.clear();
  const bridge = dev?.bridge ?? dev?.master?.bridge;
  if (bridge == null) return dev === undefined ? 'no such device' : null;
  for (const entry of [...bridge.fdb.values()])
    if (!entry.local && (dev?.bridge != null || entry.port === dev)) bridge.fdb.delete(entry.mac);
  return null;
}

const PORT_FLAGS: readonly (keyof PortState)[] = ['hairpin', 'isolated', 'learning', 'flood'];

function link(ns: Netns, words: readonly string[]): string | null {
  const [verb, ...rest] = words;
  if (verb !== 'set') return null;
  const options = keywords(rest[0] === 'dev' ? rest : ['dev', ...rest], ['self', 'master']);
  const port = ns.byName.get(options.get('dev') ?? '')?.port;
  if (port == null) return 'Cannot find bridge device';
  for (const [name, value] of options) {
    if (['dev', 'self', 'master'].includes(name)) continue;
    const flag = PORT_FLAGS.find((f) => f === name);
    if (flag === undefined) return `${name} is not modelled`;
    port[flag] = value === 'on';
  }
  return null;
}

export const bridge: Command = (_k, ns, words) => {
  const [object = '', ...rest] = words.filter((w) => !/^-(s|d|j|details|json)$/.test(w));
  if (object === 'fdb') return fdb(ns, rest);
  if (object === 'link') return link(ns, rest);
  return `bridge ${object} is not modelled`;
};
