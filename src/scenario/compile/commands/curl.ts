// curl: one HTTP/1.1 request over one TCP connection. Options that only change what is printed are accepted; others are named.
import type { IpFamily } from '../../../kube/families.ts';
import { err, ok } from '../../../base/result.ts';
import type { Command } from './types.ts';

const QUIET = new Set([
  '-s',
  '-S',
  '-sS',
  '-v',
  '-i',
  '-f',
  '--silent',
  '--show-error',
  '--verbose',
  '--fail',
]);
const FAMILY: Readonly<Record<string, IpFamily>> = {
  '-4': 'IPv4',
  '--ipv4': 'IPv4',
  '-6': 'IPv6',
  '--ipv6': 'IPv6',
};
const SECONDS = new Set(['-m', '--max-time', '--connect-timeout']);
const URL_PARTS = /^(?:([a-z]+):\/\/)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([/?][^#]*)?(?:#.*)?$/i;

export const curl: Command = (args, { resolve }) => {
  let url: string | null = null;
  let timeout: number | null = null;
  let family: IpFamily | null = null;
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (SECONDS.has(word)) timeout = Number(args[++i] ?? 'NaN') * 1000;
    else if (Object.hasOwn(FAMILY, word)) family = FAMILY[word] ?? null;
    else if (word.startsWith('-') && !QUIET.has(word))
      return err({ reason: `curl: option ${word} is not modelled`, fix: 'leave it out' });
    else if (!word.startsWith('-')) url = word;
  }
  if (timeout !== null && !(timeout > 0))
    return err({ reason: 'curl: a timeout is a number of seconds', fix: 'for example `-m 2`' });
  const parts = URL_PARTS.exec(url ?? '');
  if (parts === null) return err({ reason: 'curl: no URL', fix: 'for example `curl http://web`' });
  const [, scheme = 'http', host = '', port = '80', path = '/'] = parts;
  if (scheme.toLowerCase() !== 'http')
    return err({ reason: `curl: ${scheme} is not modelled`, fix: 'use http://' });
  if (Number(port) < 1 || Number(port) > 65535)
    return err({ reason: `curl: there is no port ${port}`, fix: 'ports go from 1 to 65535' });
  const dst = resolve(host.replace(/[[\]]/g, ''), family);
  if (dst === null)
    return err({
      reason: `curl: (6) Could not resolve host: ${host}`,
      fix: 'name a Service, a pod, a machine or an address of this scenario',
    });
  const request = [
    `GET ${path.startsWith('?') ? `/${path}` : path} HTTP/1.1`,
    `Host: ${host}${port === '80' ? '' : `:${port}`}`,
    'User-Agent: curl/8.5.0',
    'Accept: */*',
    '',
    '',
  ].join('\r\n');
  return ok({
    proto: 'tcp',
    dst,
    dport: Number(port),
    request,
    request_bytes: request.length,
    process: 'curl',
    ...(timeout === null ? {} : { timeout_ms: timeout }),
  });
};
