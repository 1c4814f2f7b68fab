// Reverse path filter and martian sources (fib_validate_source, net/ipv4/fib_frontend.c; RFC 3704): would an answer leave by the
// device that the packet came from?
import { fibLookup } from '../../net/fib/lookup.ts';
import type { FibHit, FibKey } from '../../net/fib/types.ts';
import { confMax, confOr } from '../../net/sysctl.ts';
import type { Dev, NetnsBase } from '../../net/types.ts';
import { isZero, printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';

/** `direct`: the sender is on the link that the packet came from, not behind a router. */
export type SourceCheck =
  | { readonly ok: true; readonly direct: boolean }
  | { readonly ok: false; readonly reason: string; readonly why: string };

const bad = (reason: string, why: string): SourceCheck => ({ ok: false, reason, why });
const DIRECT: SourceCheck = { ok: true, direct: true };
const INDIRECT: SourceCheck = { ok: true, direct: false };
const fine = (direct: boolean): SourceCheck => (direct ? DIRECT : INDIRECT);
const REFUSING: ReadonlySet<string> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

const owns = (ns: NetnsBase, addr: IpAddr): boolean =>
  ns.devices.some((dev) => dev.addresses.some((a) => a.prefix.addr === addr));

/** fib_lookup: a route that only says no counts as none. */
function lookup(ns: NetnsBase, key: FibKey): FibHit | null {
  const hit = fibLookup(ns.fib4, key);
  return hit === null || REFUSING.has(hit.route.type) ? null : hit;
}

const direct = (hit: FibHit): boolean => hit.route.via === null || hit.route.viaSelf === true;

export function validateSource(
  dev: Dev,
  src: IpAddr,
  dst: IpAddr,
  out: Dev | null,
  mark: number,
): SourceCheck {
  const { ns } = dev;
  const s = ns.sysctl;
  if (dev.type === 'loopback') return fine(false);
  const mode = confMax(s, dev.name, 'rp_filter');
  const acceptLocal = confOr(s, dev.name, 'accept_local');
  const ours = (): SourceCheck =>
    bad('IP_LOCAL_SOURCE', `martian source ${printAddr(src)}: one of our own addresses`);
  if (mode === 0 && (dev !== out || !confOr(s, dev.name, 'send_redirects'))) {
    if (acceptLocal) return fine(false);
    if (ns.fib4.rules.length <= 3) return owns(ns, src) ? ours() : fine(false);
  }
  if (isZero(src)) return fine(false);
  const key: FibKey = {
    dst: src,
    src: dst,
    mark: confOr(s, dev.name, 'src_valid_mark') ? mark : 0,
    iif: out?.name ?? 'lo',
    oif: null,
  };
  const strict = (why: string): SourceCheck => bad('IP_RPFILTER', `rp_filter ${mode}: ${why}`);
  const back = lookup(ns, key);
  if (back === null) return mode === 0 ? fine(false) : strict(`no route back to ${printAddr(src)}`);
  if (back.route.type !== 'unicast' && !(back.route.type === 'local' && acceptLocal)) return ours();
  if (back.route.dev === dev) return fine(direct(back));
  const elsewhere = (): SourceCheck =>
    strict(`the way back to ${printAddr(src)} is ${back.route.dev?.name ?? 'another'}`);
  const noAddress = !dev.addresses.some((a) => typeof a.prefix.addr === 'number');
  if (noAddress) return mode === 0 ? fine(false) : elsewhere();
  if (mode === 1) return elsewhere();
  const here = lookup(ns, { ...key, oif: dev.name });
  return fine(here?.route.type === 'unicast' && direct(here));
}
