import { describe, expect, it } from 'vitest';
import { curl } from './curl.ts';
import { commandOf } from './index.ts';
import { ping } from './ping.ts';
import type { CommandContext } from './types.ts';
import { splitWords } from './words.ts';

const context: CommandContext = {
  resolve: (host, family) =>
    host !== 'web' ? null : family === 'IPv6' ? 'fd00:10:96::20' : '10.96.0.20',
};
const run = (line: string) => curl(splitWords(line).slice(1), context);

describe('curl', () => {
  it('asks for / over HTTP/1.1', () => {
    expect(run('curl http://web')).toEqual({
      ok: true,
      value: {
        proto: 'tcp',
        dst: '10.96.0.20',
        dport: 80,
        process: 'curl',
        request: 'GET / HTTP/1.1\r\nHost: web\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n',
        request_bytes: 66,
      },
    });
  });
  it('asks for an address of the family that is typed', () => {
    expect(run('curl -6 http://web')).toMatchObject({ value: { dst: 'fd00:10:96::20' } });
    expect(run('curl -4 http://web')).toMatchObject({ value: { dst: '10.96.0.20' } });
    expect(ping(['-6', 'web'], context)).toMatchObject({ value: { dst: 'fd00:10:96::20' } });
  });
  it('takes ports, paths, quotes and a time limit', () => {
    const flow = run(`curl -sS -m 2 "http://web:8080/a?b=c#d"`);
    expect(flow).toMatchObject({ value: { dport: 8080, timeout_ms: 2000 } });
    expect(flow.ok && flow.value.request).toMatch(/^GET \/a\?b=c HTTP\/1\.1\r\nHost: web:8080\r\n/);
  });
  it.each([
    ['curl http://nobody', /\(6\) Could not resolve host: nobody/],
    ['curl https://web', /https is not modelled/],
    ['curl -X POST http://web', /option -X is not modelled/],
    ['curl http://web:70000', /no port 70000/],
    ['curl -m x http://web', /number of seconds/],
    ['curl', /no URL/],
  ])('%s: %s', (line, reason) => {
    const flow = run(line);
    expect(flow.ok ? null : flow.error.reason).toMatch(reason);
  });
});

describe('ping', () => {
  it('sends one echo request', () => {
    expect(ping(['-c', '1', '-W', '1', 'web'], context)).toEqual({
      ok: true,
      value: { proto: 'icmp', dst: '10.96.0.20', process: 'ping', timeout_ms: 1000 },
    });
    expect(ping(['-c', '5', 'web'], context)).toMatchObject({ ok: false });
  });
});

describe('registry', () => {
  it('knows commands by their own names only', () => {
    expect(commandOf('curl')).toBe(curl);
    expect(commandOf('toString')).toBe(null);
  });
});
