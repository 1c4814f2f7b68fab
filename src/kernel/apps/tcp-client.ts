// connect, wait, send, read the answer, wait, close.
import { MS } from '../../base/queue.ts';
import { isMulticast, parseAddr } from '../../wire/addr/ip.ts';
import { ownsAddress, outputRoute } from '../path/route.ts';
import { endText } from '../sock/table.ts';
import type { End } from '../sock/table.ts';
import { createSock, forget, showState } from '../sock/tcp-sock.ts';
import type { TcpSock } from '../sock/tcp-types.ts';
import { abortSock, enqueue, queueFin, sendSyn } from '../sock/tcp-write.ts';
import type { ClientContext } from './client.ts';
import { ephemeralPort } from './ports.ts';
import { firstLine, THINK } from './server.ts';
import { inject } from './inject.ts';

export function tcpClient(c: ClientContext): void {
  const { k, ns, spec } = c;
  const remote: End = { addr: parseAddr(spec.dst!)!, port: spec.dport ?? 80 };
  const timeout = (spec.timeout_ms ?? 600) * MS;
  c.say('connect', spec.command ?? `connect to ${endText(remote)}`);
  const bound = spec.src === undefined ? null : parseAddr(spec.src);
  if (bound !== null && !ownsAddress(ns, bound))
    return c.finish({ result: 'error', error: 'EADDRNOTAVAIL', stage: 'socket' });
  const route = outputRoute(k, ns, { dst: remote.addr, src: bound, mark: 0, oif: null }, null);
  if (!route.ok) return c.finish({ result: 'error', error: route.errno, stage: 'connect' });
  if (route.dst.type === 'broadcast' || isMulticast(remote.addr))
    return c.finish({ result: 'error', error: 'ENETUNREACH', stage: 'connect' });
  const free = (port: number): boolean =>
    ns.sockets.tcp.find({ addr: route.src, port }, remote) === undefined;
  const local: End = { addr: route.src, port: spec.sport ?? ephemeralPort(k, ns, free) };
  if (!free(local.port)) {
    const old = ns.sockets.tcp.find(local, remote)!;
    if (old.state !== 'TIME-WAIT')
      return c.finish({ result: 'error', error: 'EADDRNOTAVAIL', stage: 'connect' });
    forget(k, old);
  }
  let stage: 'connect' | 'recv' | 'closed' = 'connect';
  let waiting = 0;
  /** settimeout(): each blocking call may take that long. */
  const wait = (): void => {
    const mine = ++waiting;
    k.after(timeout, () => {
      if (mine !== waiting || stage === 'closed') return;
      const at = stage;
      abandon();
      c.finish({ result: 'error', error: 'timeout', stage: at });
    });
  };
  const abandon = (): void => {
    waiting++;
    const connecting = stage === 'connect';
    stage = 'closed';
    sock.orphan = true;
    if (connecting) return forget(k, sock);
    closeSock(sock);
  };
  const closeSock = (s: TcpSock): void => {
    if (s.state !== 'ESTABLISHED' && s.state !== 'CLOSE-WAIT') return;
    c.say('close', `closes ${endText(remote)}`);
    sock.orphan = true;
    if (unread > 0) return k.process(() => abortSock(k, s));
    showState(k, s, s.state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1');
    k.process(() => queueFin(k, s));
  };
  let bytes = 0;
  let unread = 0;
  let ended = false;
  let text = '';
  /** The process runs when the softirq is through: it reads all that came meanwhile. */
  const wake = (): void => {
    k.after(0, () => {
      if (stage !== 'recv' || reading) return;
      const fresh = unread > 0;
      bytes += unread;
      unread = 0;
      if (ended || bytes >= wanted(spec.expect_bytes, text)) {
        reading = true;
        done();
      } else if (fresh) wait();
    });
  };
  let reading = false;
  const done = (): void => {
    waiting++;
    const served = c.served.get(spec.id) ?? null;
    c.say('receive', `has the answer, ${bytes} bytes: ${firstLine(text)}`);
    const rest = (): void => {
      k.after(THINK, () => {
        const alive = stage !== 'closed';
        stage = 'closed';
        if (alive) closeSock(sock);
        c.finish({ result: 'ok', served_by: served, response_bytes: bytes }, 110);
      });
    };
    if (spec.inject === undefined) return rest();
    // It asks once more what there is to read.
    inject(c, spec.inject, () => {
      unread = Math.max(0, unread - 10);
      rest();
    });
  };
  const sock = createSock(
    k,
    ns,
    local,
    remote,
    'SYN-SENT',
    {
      process: c.process,
      connected() {
        waiting++;
        stage = 'recv';
        k.after(THINK, () => {
          if (stage !== 'recv') return;
          const count = spec.request_bytes ?? Math.max(64, spec.request?.length ?? 0);
          const head = spec.request ?? `LEN ${count}\nGET / HTTP/1.0\r\n\r\n`;
          c.say(
            'send',
            `sends its request, ${count} bytes: ${firstLine(spec.request ?? 'GET / HTTP/1.0')}`,
          );
          k.process(() => enqueue(k, sock, count, head));
          wait();
        });
      },
      data(count, more) {
        unread += count;
        text += more;
        wake();
      },
      end() {
        ended = true;
        wake();
      },
      error(errno) {
        if (stage === 'closed') return;
        const at = stage;
        stage = 'closed';
        waiting++;
        if (bytes > 0 && bytes >= wanted(spec.expect_bytes, text)) return;
        c.finish({ result: 'error', error: errno, stage: at });
      },
    },
    { flow: spec.id, ttl: spec.ttl ?? null, mtu: route.dst.mtu },
  );
  wait();
  k.process(() => sendSyn(k, sock));
}

/** How many bytes make a whole answer: as told, as HTTP says, or 64. */
function wanted(told: number | undefined, text: string): number {
  if (told !== undefined) return told;
  const header = text.indexOf('\r\n\r\n');
  if (!text.startsWith('HTTP/') || header < 0) return text.startsWith('HTTP/') ? Infinity : 64;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, header));
  return header + 4 + Number(length?.[1] ?? 0);
}
