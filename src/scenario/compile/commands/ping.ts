// ping -c 1: one ICMP echo request (iputils: 56 bytes after the header).
import type { IpFamily } from '../../../kube/families.ts';
import { err, ok } from '../../../base/result.ts';
import type { Command } from './types.ts';

const NUMBERS = new Set(['-c', '-t', '-s', '-W', '-i', '-w']);

export const ping: Command = (args, { resolve }) => {
  let host: string | null = null;
  let family: IpFamily | null = null;
  const given = new Map<string, number>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (NUMBERS.has(word)) given.set(word, Number(args[++i] ?? 'NaN'));
    else if (word === '-4') family = 'IPv4';
    else if (word === '-6') family = 'IPv6';
    else if (word.startsWith('-') && word !== '-n')
      return err({ reason: `ping: option ${word} is not modelled`, fix: 'leave it out' });
    else if (!word.startsWith('-')) host = word;
  }
  for (const [option, value] of given)
    if (!(value > 0)) return err({ reason: `ping: ${option} takes a number`, fix: null });
  if ((given.get('-c') ?? 1) !== 1)
    return err({ reason: 'ping: one echo request is modelled', fix: 'use `-c 1`' });
  const dst = host === null ? null : resolve(host, family);
  if (dst === null)
    return err({
      reason: `ping: ${host ?? ''}: Name or service not known`,
      fix: 'name a Service, a pod, a machine or an address of this scenario',
    });
  const ttl = given.get('-t');
  const size = given.get('-s');
  const wait = given.get('-W');
  return ok({
    proto: 'icmp',
    dst,
    process: 'ping',
    ...(ttl === undefined ? {} : { ttl }),
    ...(size === undefined ? {} : { request_bytes: size }),
    ...(wait === undefined ? {} : { timeout_ms: wait * 1000 }),
  });
};
