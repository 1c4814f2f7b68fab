// Scripted clients: what each kind of flow does, with the pauses and timeouts of the recordings (SCHEMA.md).
import { MS } from '../../base/queue.ts';
import type { FlowResult, FlowSpec } from '../../network/types.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import type { Kernel, Netns } from '../types.ts';
import { icmpClient } from './icmp-client.ts';
import { rawTcpClient } from './raw-client.ts';
import type { Served } from './server.ts';
import { tcpClient } from './tcp-client.ts';
import { udpClient } from './udp-client.ts';

export type FlowBody = Omit<FlowSpec, 'do'>;

export interface ClientContext {
  readonly k: Kernel;
  readonly ns: Netns;
  readonly spec: FlowBody;
  readonly process: string;
  readonly served: Served;
  say(call: string, text: string): void;
  /** The client has its result; `rest` is how long the script sleeps afterwards, in ms. */
  finish(result: FlowResult, rest?: number): void;
}

const CLIENTS: Readonly<Record<string, (c: ClientContext) => void>> = {
  tcp: tcpClient,
  udp: udpClient,
  icmp: icmpClient,
  'raw-tcp': rawTcpClient,
};

/** Runs one flow; `done` hears its result, and when the script is through with its pauses. */
export function startFlow(
  k: Kernel,
  spec: FlowBody,
  served: Served,
  done: (result: FlowResult) => void,
): void {
  const ns = spec.ns === undefined ? undefined : k.netns.get(spec.ns);
  const client = CLIENTS[spec.proto ?? 'tcp'];
  const target = spec.dst === undefined ? null : parseAddr(spec.dst);
  if (ns === undefined || client === undefined || target === null) {
    const error =
      ns === undefined
        ? `no namespace ${spec.ns ?? ''}`
        : `cannot run ${spec.proto ?? ''} to ${spec.dst ?? ''}`;
    return done({ result: 'error', error, stage: 'socket' });
  }
  const process = spec.process ?? 'client';
  let over = false;
  client({
    k,
    ns,
    spec,
    process,
    served,
    say(call, text) {
      k.rec.event('process.call', null, ns.site, { process, call, text });
    },
    finish(result, rest = 0) {
      if (over) return;
      over = true;
      k.rec.event('process.result', null, ns.site, {
        process,
        flow: spec.id,
        result,
      });
      k.after(rest * MS, () => done(result));
    },
  });
}
