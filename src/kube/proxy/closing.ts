// Rules that are there whatever the Services are: marking and masquerading, forwarding, the localhost guard, node port dispatch.
import { contains } from '../../wire/addr/prefix.ts';
import { isLoopback } from '../../wire/addr/ip.ts';
import { parseSloppy, prefixesOf } from './ip.ts';
import type { ProxyConfig } from './types.ts';
import { comment, put } from './writer.ts';
import type { RuleWriter } from './writer.ts';

export const FILTER_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
] as const;
export const NAT_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-POSTROUTING',
  'KUBE-MARK-MASQ',
] as const;

/** Node ports answer on 127.0.0.1: only where it is asked for and the node port addresses include it. Never for IPv6. */
export function answersOnLocalhost(config: ProxyConfig): boolean {
  if (config.family !== 'IPv4' || !config.localhostNodePorts) return false;
  const ranges = prefixesOf(config.nodePortAddresses, 'IPv4');
  const loopback = parseSloppy('127.0.0.0');
  return (
    ranges.length === 0 ||
    ranges.some(
      (range) => isLoopback(range.addr) || (loopback !== null && contains(range, loopback)),
    )
  );
}

export const LOCALNET_GUARD =
  '-m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';

export function writeOpening(writer: RuleWriter, config: ProxyConfig): void {
  const { mark } = config;
  const nat = (chain: string, ...parts: string[]): void => put(writer, 'nat', chain, parts);
  nat('KUBE-POSTROUTING', `-m mark ! --mark ${mark}/${mark}`, '-j RETURN');
  // Clear the mark, so that a packet that comes by again (a tunnel's outer one) is judged anew.
  nat('KUBE-POSTROUTING', `-j MARK --xor-mark ${mark}`);
  nat(
    'KUBE-POSTROUTING',
    comment('kubernetes service traffic requiring SNAT'),
    `-j MASQUERADE${config.randomFully ? ' --random-fully' : ''}`,
  );
  nat('KUBE-MARK-MASQ', `-j MARK --or-mark ${mark}`);
  if (answersOnLocalhost(config)) put(writer, 'filter', 'KUBE-FIREWALL', [LOCALNET_GUARD]);
}

export function writeClosing(writer: RuleWriter, config: ProxyConfig): void {
  const last = comment(
    'kubernetes service nodeports; NOTE: this must be the last rule in this chain',
  );
  const dispatch = (...match: string[]): void =>
    put(writer, 'nat', 'KUBE-SERVICES', [last, ...match, '-j KUBE-NODEPORTS']);
  const localhost = answersOnLocalhost(config);
  const ranges = prefixesOf(config.nodePortAddresses, config.family);
  if (ranges.length === 0 || ranges.some((range) => range.length === 0)) {
    const except = config.family === 'IPv6' ? '! -d ::1/128' : localhost ? '' : '! -d 127.0.0.0/8';
    dispatch('-m addrtype --dst-type LOCAL', except);
  } else
    for (const text of new Set(config.localAddresses)) {
      const addr = parseSloppy(text);
      if (addr === null || !ranges.some((range) => contains(range, addr))) continue;
      if (!isLoopback(addr) || localhost) dispatch(`-d ${text}`);
    }

  const forward = (...parts: string[]): void => put(writer, 'filter', 'KUBE-FORWARD', parts);
  if (!config.conntrackTcpLiberal)
    forward(
      '-m conntrack --ctstate INVALID',
      config.nfacct.invalidDropped ? '-m nfacct --nfacct-name ct_state_invalid_dropped_pkts' : '',
      '-j DROP',
    );
  forward(
    comment('kubernetes forwarding rules'),
    `-m mark --mark ${config.mark}/${config.mark}`,
    '-j ACCEPT',
  );
  forward(
    comment('kubernetes forwarding conntrack rule'),
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-j ACCEPT',
  );
}
