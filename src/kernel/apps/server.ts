// Scripted servers: a TCP server that answers a request once it is whole, and a UDP echo-like one. Their pauses are those of
// the recordings (SCHEMA.md): 30 ms to think, 8 ms to close.
import { MS, SECOND } from '../../base/queue.ts';
import type { ListenerSpec } from '../../network/types.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import type { Kernel, Netns } from '../types.ts';
import { defaultPmtudisc } from '../sock/datagram.ts';
import { endText, writeSocket } from '../sock/table.ts';
import type { End, UdpSock } from '../sock/table.ts';
import { showState } from '../sock/tcp-sock.ts';
import type { TcpSock } from '../sock/tcp-types.ts';
import { enqueue, queueFin } from '../sock/tcp-write.ts';
import { openUdp, sendUdp } from '../sock/udp.ts';

export const THINK = 30 * MS;
const CLOSE = 8 * MS;
const IDLE = 5 * SECOND;

/** Who answered which flow: the listener's name. */
export type Served = Map<string, string>;

export function listen(k: Kernel, ns: Netns, spec: ListenerSpec, served: Served): void {
  const local: End = { addr: parseAddr(spec.addr ?? '0.0.0.0')!, port: spec.port };
  const process = spec.process ?? spec.name ?? 'server';
  if (spec.proto === 'udp') return udpServer(k, ns, spec, local, process, served);
  ns.sockets.listeners.push({
    local,
    process,
    accept: (sock) => serve(k, sock, spec, process, served),
  });
  writeSocket(k, ns, `listen ${endText(local)}`, null, {
    proto: 'tcp',
    state: 'LISTEN',
    local: endText(local),
    remote: '*:*',
    process,
  });
}

/** A request is whole when it has the bytes that its `LEN n` line promises, or ends its HTTP header. */
function whole(text: string, bytes: number): boolean {
  const promised = /^LEN (\d+)\n/.exec(text);
  return promised === null ? text.includes('\r\n\r\n') : bytes >= Number(promised[1]);
}

function serve(
  k: Kernel,
  sock: TcpSock,
  spec: ListenerSpec,
  process: string,
  served: Served,
): void {
  const { ns } = sock;
  const name = spec.name ?? ns.name;
  let text = '';
  let bytes = 0;
  let answered = false;
  let heard = k.rec.now;
  const say = (call: string, what: string): void => {
    k.rec.event('process.call', null, ns.site, { process, call, text: what });
  };
  const close = (): void => {
    if (sock.state !== 'ESTABLISHED' && sock.state !== 'CLOSE-WAIT') return;
    say('close', `closes the connection from ${endText(sock.remote)}`);
    sock.orphan = true;
    showState(k, sock, sock.state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1');
    k.process(() => queueFin(k, sock));
  };
  const idle = (): void => {
    k.after(IDLE, () => {
      if (sock.state !== 'ESTABLISHED') return;
      if (k.rec.now - heard >= IDLE) close();
      else idle();
    });
  };
  say('accept', `accepts ${endText(sock.remote)} on ${endText(sock.local)}`);
  idle();
  sock.app = {
    process,
    data(count, more) {
      heard = k.rec.now;
      bytes += count;
      text += more;
      if (answered || !whole(text, bytes)) return;
      answered = true;
      k.after(THINK, () => {
        if (sock.state !== 'ESTABLISHED' && sock.state !== 'CLOSE-WAIT') return;
        const head = spec.response ?? `OK ${name}\n`;
        const length = Math.max(head.length, spec.response_bytes ?? 64);
        if (sock.flow !== null) served.set(sock.flow, name);
        say('send', `answers with ${length} bytes: ${firstLine(head)}`);
        k.process(() => enqueue(k, sock, length, head));
      });
    },
    end: () => k.after(CLOSE, close),
    error: (errno) => say('error', `${errno} on the connection from ${endText(sock.remote)}`),
  };
}

export const firstLine = (text: string): string => text.split(/\r?\n/)[0] ?? '';

function udpServer(
  k: Kernel,
  ns: Netns,
  spec: ListenerSpec,
  local: End,
  process: string,
  served: Served,
): void {
  const name = spec.name ?? ns.name;
  /** It has one thread: a datagram waits in the socket until the one before is answered. */
  let busyUntil = 0;
  const sock: UdpSock = {
    id: `udp ${endText(local)}`,
    process,
    local,
    remote: null,
    flow: null,
    pmtudisc: defaultPmtudisc(ns),
    ttl: null,
    hash: 0,
    receive(skb, from, payload) {
      busyUntil = Math.max(busyUntil, k.rec.now) + THINK;
      k.after(busyUntil - k.rec.now, () => {
        const head = `R${payload.head.slice(1, 24)} OK ${name}`;
        const length = Math.max(24 + ` OK ${name}`.length, spec.response_bytes ?? 64);
        if (skb.flow !== null) served.set(skb.flow, name);
        k.rec.event('process.call', null, ns.site, {
          process,
          call: 'send',
          text: `answers ${endText(from)} with ${length} bytes`,
        });
        // Answers belong to the flow of the question.
        const reply = { ...sock, flow: skb.flow };
        k.process(() => sendUdp(k, ns, reply, from, local, length, head));
      });
    },
    error: () => undefined,
  };
  openUdp(k, ns, sock);
}
