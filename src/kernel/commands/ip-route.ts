// ip-route(8): add, append, change, replace, delete, flush.
import { addRoute, replaceRoute, sameRoute, tableName } from '../../net/fib/table.ts';
import type { Fib, Route } from '../../net/fib/types.ts';
import type { RouteSpec } from '../../network/types.ts';
import { network, parsePrefix, samePrefix } from '../../wire/addr/prefix.ts';
import { parseRoute } from '../boot-routes.ts';
import type { IpObject } from './ip-object.ts';
import { verbOf } from './ip-object.ts';

const TYPES = ['unicast', 'local', 'broadcast', 'blackhole', 'unreachable', 'prohibit', 'throw'];
const FLAGS = ['onlink', 'pervasive', 'exact', 'cache'];

const OPTIONS = [
  'via',
  'dev',
  'src',
  'scope',
  'table',
  'metric',
  'mtu',
  'proto',
  'preference',
  'pref',
  'tos',
  'advmss',
];

/** `default via 10.0.0.1 dev eth0 metric 100`, in any order, as a document would say it. */
function specOf(words: readonly string[], v6: boolean): RouteSpec {
  const found: Record<string, string | number | boolean> = {};
  let dst = '';
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (TYPES.includes(word)) found['type'] = word;
    else if (FLAGS.includes(word)) found[word] = true;
    else if (OPTIONS.includes(word)) {
      let value = words[++i] ?? '';
      if (value === 'lock' || /^inet6?$/.test(value)) value = words[++i] ?? '';
      const name = word === 'preference' ? 'metric' : word;
      found[name] = name === 'metric' || name === 'mtu' ? Number(value) : value;
    } else if (word !== 'to') dst = word;
  }
  const { via, dev, src, scope, table, proto, type } = found as Record<string, string>;
  const { metric, mtu } = found as Record<string, number>;
  return {
    dst: dst === 'default' && v6 ? '::/0' : dst,
    ...(via === undefined ? {} : { via }),
    ...(dev === undefined ? {} : { dev }),
    ...(src === undefined ? {} : { src }),
    ...(scope === undefined ? {} : { scope }),
    ...(table === undefined ? {} : { table }),
    ...(proto === undefined ? {} : { proto }),
    ...(type === undefined ? {} : { type }),
    ...(metric === undefined ? {} : { metric }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(found['onlink'] === true ? { onlink: true } : {}),
  };
}

/** What `delete` and `flush` match: only what was said. */
function matches(spec: RouteSpec, route: Route): boolean {
  const said = (a: string | number | undefined, b: string | number | null): boolean =>
    a === undefined || String(a) === String(b);
  return (
    said(spec.dev, route.dev?.name ?? null) &&
    said(spec.type, route.type) &&
    said(spec.metric, route.metric) &&
    route.table === tableName(spec.table)
  );
}

function remove(fib: Fib, gone: (route: Route) => boolean, once: boolean): boolean {
  for (const [name, table] of fib.tables)
    for (const route of [...table]) {
      if (!gone(route)) continue;
      table.splice(table.indexOf(route), 1);
      if (table.length === 0) fib.tables.delete(name);
      if (once) return true;
    }
  return !once;
}

export const ipRoute: IpObject = (_k, ns, words, family) => {
  const [word = '', ...rest] = words;
  const verb = verbOf(word);
  if (['show', 'list', 'get'].includes(verb)) return null;
  const v6 = family === 'ipv6' || rest.some((w) => w.includes(':'));
  const fib = v6 ? ns.fib6 : ns.fib4;
  if (verb === 'flush') return flush(fib, rest, v6);
  const spec = specOf(rest, v6);
  let problem: string | null = null;
  const complain = (reason: string): void => {
    problem = reason;
  };
  if (verb === 'delete') {
    const dst = spec.dst === 'default' ? parsePrefix('0.0.0.0/0') : parsePrefix(spec.dst);
    if (dst === null) return `"${spec.dst}" is not a prefix`;
    const via = spec.via === undefined ? null : (parsePrefix(spec.via)?.addr ?? null);
    const gone = (route: Route): boolean =>
      samePrefix(route.dst, network(dst)) &&
      matches(spec, route) &&
      (via === null || route.via === via);
    return remove(fib, gone, true) ? null : 'RTNETLINK answers: No such process';
  }
  const route = parseRoute(ns, spec, complain);
  if (route === null) return problem;
  if (route.dev !== null && !route.dev.up) return 'RTNETLINK answers: Network is down';
  const known = fib.tables.get(route.table)?.some((one) => sameRoute(one, route)) === true;
  if (verb === 'add' && known) return 'RTNETLINK answers: File exists';
  if (verb === 'change' && !known) return 'RTNETLINK answers: No such file or directory';
  if (verb === 'replace' || verb === 'change') replaceRoute(fib, route);
  else if (verb === 'add' || verb === 'append') addRoute(fib, route);
  else return `ip route ${verb} is not modelled`;
  return problem;
};

/** `flush table 100`, `flush dev eth0`, `flush 10.0.0.0/8`: what the kernel itself put into table local stays. */
function flush(fib: Fib, words: readonly string[], v6: boolean): string | null {
  if (words.length === 0) return 'Flush requires arguments';
  if (words[0] === 'cache') return null;
  const spec = specOf(
    words.filter((w) => !['root', 'exact', 'match'].includes(w)),
    v6,
  );
  const dst = spec.dst === 'default' ? parsePrefix('0.0.0.0/0') : parsePrefix(spec.dst);
  if (spec.dst !== '' && dst === null) return `flush ${words.join(' ')} is not modelled`;
  const gone = (route: Route): boolean =>
    matches(spec, route) &&
    (dst === null || samePrefix(route.dst, network(dst))) &&
    (spec.proto === undefined || route.proto === String(spec.proto));
  remove(fib, gone, false);
  return null;
}
