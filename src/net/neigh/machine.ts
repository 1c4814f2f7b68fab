// The neighbour state machine (net/core/neighbour.c: __neigh_event_send, neigh_timer_handler, __neigh_update), shared by ARP
// and neighbour discovery (RFC 826, RFC 4861 section 7.3).
//
//   NONE -> INCOMPLETE -> REACHABLE -> STALE -> DELAY -> PROBE -> FAILED
//
// Simplified: reachable_time is the base value, where the kernel draws 0.5 to 1.5 times of it.
import { SECOND } from '../../base/queue.ts';
import type { Mac } from '../../wire/addr/types.ts';
import type { NudState } from '../../trace/types.ts';
import type { NetIo } from '../io.ts';
import { neighConf } from '../sysctl.ts';
import type { Neigh, Skb } from '../types.ts';
import { CONNECTED, VALID, changeNeigh } from './table.ts';

/** Packets that may wait for one address (arp_queue of 101 full frames by default, bounded by bytes in the kernel). */
const QUEUE_LIMIT = 101;

/** HZ/100 */
const SHORTEST = 8_000_000;

const family = (neigh: Neigh): 'ipv4' | 'ipv6' => (typeof neigh.ip === 'number' ? 'ipv4' : 'ipv6');
const param = (neigh: Neigh, key: string): number =>
  neighConf(neigh.dev.ns.sysctl, neigh.dev.name, key, family(neigh));
const retrans = (neigh: Neigh): number => param(neigh, 'retrans_time_ms') * 1_000_000;
const reachable = (neigh: Neigh): number => param(neigh, 'base_reachable_time_ms') * 1_000_000;
const delayProbe = (neigh: Neigh): number => param(neigh, 'delay_first_probe_time') * SECOND;

function arm(io: NetIo, neigh: Neigh, delay: number, send: SendResolved): void {
  const generation = ++neigh.generation;
  io.timer(delay, () => {
    if (neigh.generation === generation) onTimer(io, neigh, send);
  });
}
const disarm = (neigh: Neigh): void => {
  neigh.generation++;
};

/** Sends a packet whose neighbour is known (the entry's `output`). */
export type SendResolved = (neigh: Neigh, skb: Skb) => void;

function probe(io: NetIo, neigh: Neigh): void {
  io.solicit(neigh, neigh.queue.at(-1) ?? null);
  neigh.probes++;
}

function fail(io: NetIo, neigh: Neigh): void {
  changeNeigh(io, neigh, () => {
    neigh.state = 'FAILED';
    neigh.mac = null;
  });
  disarm(neigh);
  for (const skb of takeQueue(neigh)) io.unreachable(neigh, skb);
}

function onTimer(io: NetIo, neigh: Neigh, send: SendResolved): void {
  const now = io.rec.now;
  let next = 0;
  if (neigh.state === 'REACHABLE') {
    if (now <= neigh.confirmed + reachable(neigh)) next = neigh.confirmed + reachable(neigh) - now;
    else if (now <= neigh.used + delayProbe(neigh)) {
      setState(io, neigh, 'DELAY');
      next = delayProbe(neigh);
    } else return setState(io, neigh, 'STALE');
  } else if (neigh.state === 'DELAY') {
    if (now <= neigh.confirmed + delayProbe(neigh)) {
      setState(io, neigh, 'REACHABLE');
      next = neigh.confirmed + reachable(neigh) - now;
    } else {
      setState(io, neigh, 'PROBE');
      neigh.probes = 0;
      next = retrans(neigh);
    }
  } else next = retrans(neigh);
  if (neigh.state === 'INCOMPLETE' || neigh.state === 'PROBE') {
    const limit =
      param(neigh, 'ucast_solicit') + (neigh.state === 'PROBE' ? 0 : param(neigh, 'mcast_solicit'));
    if (neigh.probes >= limit) return fail(io, neigh);
  }
  arm(io, neigh, Math.max(next, SHORTEST), send);
  if (neigh.state === 'INCOMPLETE' || neigh.state === 'PROBE') probe(io, neigh);
}

function setState(io: NetIo, neigh: Neigh, state: NudState): void {
  changeNeigh(io, neigh, () => {
    neigh.state = state;
    neigh.updated = io.rec.now;
  });
}

/** Before a packet is sent to the neighbour: true if it may go now, false if it waits (or was refused). */
export function neighEventSend(
  io: NetIo,
  neigh: Neigh,
  skb: Skb | null,
  send: SendResolved,
): boolean {
  neigh.used = io.rec.now;
  if (CONNECTED.has(neigh.state) || neigh.state === 'DELAY' || neigh.state === 'PROBE') return true;
  if (neigh.state === 'STALE') {
    setState(io, neigh, 'DELAY');
    arm(io, neigh, delayProbe(neigh), send);
    return true;
  }
  const start = neigh.state !== 'INCOMPLETE';
  if (start) {
    if (param(neigh, 'mcast_solicit') === 0) {
      fail(io, neigh);
      if (skb !== null)
        io.drop(skb, neigh.dev, 'NEIGH_FAILED', '__neigh_event_send', 'may not ask');
      return false;
    }
    neigh.probes = param(neigh, 'ucast_solicit');
    setState(io, neigh, 'INCOMPLETE');
    arm(io, neigh, retrans(neigh), send);
  }
  if (skb !== null) {
    if (neigh.queue.length >= QUEUE_LIMIT) {
      const oldest = neigh.queue.shift()!;
      const why = 'too many packets wait for this neighbour';
      io.drop(oldest, neigh.dev, 'NEIGH_QUEUEFULL', '__neigh_event_send', why);
    }
    skb.waiting = true;
    neigh.queue.push(skb);
  }
  if (start) probe(io, neigh);
  return false;
}

export interface NeighUpdate {
  readonly mac: Mac | null;
  readonly state: NudState;
  readonly override: boolean;
  /** ND: an advertisement without the override flag and another address makes the entry STALE. */
  readonly weakOverride?: boolean;
  readonly router?: boolean;
}

/** Something was heard of the neighbour. */
export function neighUpdate(
  io: NetIo,
  neigh: Neigh,
  update: NeighUpdate,
  send: SendResolved,
): void {
  const old = neigh.state;
  if (old === 'PERMANENT' || old === 'NOARP') return;
  const wasValid = VALID.has(old);
  if (update.mac === null && !wasValid) return;
  let mac = update.mac ?? neigh.mac;
  let state = update.state;
  if (CONNECTED.has(state)) neigh.confirmed = io.rec.now;
  let keepRouter = false;
  if (wasValid) {
    if (mac !== neigh.mac && !update.override) {
      keepRouter = true;
      if (update.weakOverride !== true || !CONNECTED.has(old)) return;
      mac = neigh.mac;
      state = 'STALE';
    } else if (mac === neigh.mac && state === 'STALE') state = old;
  }
  changeNeigh(io, neigh, () => {
    if (state !== old || mac !== neigh.mac) neigh.updated = io.rec.now;
    if (mac !== neigh.mac && !CONNECTED.has(state))
      neigh.confirmed = (io.rec.now - 2 * reachable(neigh)) as typeof neigh.confirmed;
    neigh.mac = mac;
    neigh.state = state;
    if (!keepRouter && update.router !== undefined) neigh.router = update.router;
  });
  if (state === old) return;
  disarm(neigh);
  if (state === 'REACHABLE') arm(io, neigh, reachable(neigh), send);
  else if (state === 'DELAY') arm(io, neigh, delayProbe(neigh), send);
  if (!wasValid) for (const skb of takeQueue(neigh)) send(neigh, skb);
}

/** The packets that wait, which are no longer waiting. */
export function takeQueue(neigh: Neigh): readonly Skb[] {
  const queue = neigh.queue.splice(0);
  for (const skb of queue) skb.waiting = false;
  return queue;
}

/** Upper layers saw progress (dst_confirm): refreshes the entry without a probe. */
export function neighConfirm(neigh: Neigh, now: Neigh['confirmed']): void {
  neigh.confirmed = now;
}
