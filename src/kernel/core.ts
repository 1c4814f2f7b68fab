// The CPU: frames that wait on its backlog, timers, and what every part of the kernel asks for (NetIo). One CPU, so the order
// is the kernel's: a frame sent into a veth is received when the current softirq work ends (process_backlog, net/core/dev.c).
import type { Nanos } from '../base/queue.ts';
import { createQueue, nanos } from '../base/queue.ts';
import type { Rng } from '../base/rng.ts';
import { createRng } from '../base/rng.ts';
import { hasCarrier } from '../net/devices/carrier.ts';
import { driverOf } from '../net/devices/index.ts';
import type { Dev, Skb } from '../net/types.ts';
import { createRecorder } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { Budgets } from '../trace/types.ts';
import type { Layer, PacketId } from '../wire/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { bridgeHooks } from './path/bridge-nf.ts';
import { fragment } from './path/fragment.ts';
import { receiveFrame } from './path/rx.ts';
import { cutSegments } from './path/gso.ts';
import { solicit, unreachable } from './path/solicit.ts';
import { tunnelXmit } from './path/tunnel.ts';
import { afterJiffies, toJiffies } from './sock/tcp-wheel.ts';
import type { Kernel, Netns } from './types.ts';

/** Virtual cost of one frame on the backlog: makes time stamps differ, decides nothing. */
const FRAME_COST = 2_000;

export interface Cpu {
  readonly kernel: Kernel;
  /** Runs until the queue is empty or `until` is reached. False: a budget ended the run. */
  runUntil(until: Nanos): boolean;
}

export interface CpuOptions {
  readonly seed: number;
  readonly budgets: Budgets;
  readonly silent: boolean;
  readonly shouldStop: (() => boolean) | undefined;
}

export function createCpu(netns: ReadonlyMap<string, Netns>, options: CpuOptions): Cpu {
  const rec: Recorder = createRecorder(options.budgets, options.silent);
  const queue = createQueue<() => void>();
  const backlog: { skb: Skb; dev: Dev }[] = [];
  const streams = new Map<string, Rng>();
  const root = createRng(options.seed);
  let softirq = false;
  let depth = 0;

  const drain = (): void => {
    if (softirq || depth > 0) return;
    softirq = true;
    for (let item = backlog.shift(); item !== undefined; item = backlog.shift()) {
      if (rec.exhausted !== null) break;
      rec.setTime(nanos(rec.now + FRAME_COST));
      kernel.receive(item.skb, item.dev);
    }
    softirq = false;
  };

  const makeSkb = (layers: readonly Layer[], id: PacketId, flow: string | null): Skb => ({
    id,
    layers,
    dev: null,
    packetType: 'host',
    mark: 0,
    ct: null,
    untracked: false,
    ctZone: 0,
    traced: false,
    dst: null,
    bridge: null,
    redirect: false,
    fragMaxSize: 0,
    fragList: [],
    ignoreDf: false,
    gso: 0,
    sendError: null,
    socket: null,
    flow,
    hops: 0,
    hash: null,
    refused: false,
    waiting: false,
    encaps: 0,
    tunnel: null,
  });

  const kernel: Kernel = {
    rec,
    queue,
    netns,
    budgets: options.budgets,
    ruleBudget: { left: options.budgets.ruleEvaluations },
    bridgeHooks: bridgeHooks(() => kernel),
    flow: null,
    wheel: new Map(),
    lastTcp: new Map(),
    rng(stream) {
      let found = streams.get(stream);
      if (found === undefined) streams.set(stream, (found = root.fork(stream)));
      return found;
    },
    born(layers, socket, flow) {
      const id = rec.packet(layers, { flow, parent: null, because: null });
      const skb = makeSkb(layers, id, flow);
      skb.socket = socket;
      return skb;
    },
    make(layers, because) {
      const flow = because?.flow ?? kernel.flow;
      const id = rec.packet(layers, { flow, parent: null, because: because?.id ?? null });
      return makeSkb(layers, id, flow);
    },
    clone(skb, layers = skb.layers) {
      const id = rec.packet(layers, { flow: skb.flow, parent: skb.id, because: null });
      return { ...skb, id, layers, bridge: skb.bridge === null ? null : { ...skb.bridge } };
    },
    xmit(skb, dev) {
      const driver = driverOf(dev.type);
      const peer = driver.peer(dev);
      skb.dev = dev;
      if (skb.gso > 0 && !driver.segments)
        return kernel.batch(() => {
          for (const piece of cutSegments(kernel, skb)) kernel.xmit(piece, dev);
        });
      if (++skb.hops > options.budgets.hopsPerPacket) {
        rec.fate(skb.id, {
          kind: 'unfinished',
          why: `it crossed ${options.budgets.hopsPerPacket} devices: a loop`,
        });
        return;
      }
      if (!dev.up)
        return kernel.drop(skb, dev, 'DEV_READY', 'dev_queue_xmit', `${dev.name} is down`);
      if (!hasCarrier(dev)) {
        // The link watch put a queue there that takes nothing (noop_qdisc).
        skb.refused = true;
        return kernel.drop(
          skb,
          dev,
          'QDISC_DROP',
          '__dev_queue_xmit',
          `${dev.name} has no carrier`,
        );
      }
      if (!rec.silent)
        rec.event('dev.tx', skb, dev.site, {
          peer: peer === null ? null : peer.site,
        });
      if (skb.layers[2]?.kind === 'tcp') kernel.lastTcp.set(dev, skb.layers);
      depth++;
      driver.transmit(kernel, skb, dev);
      depth--;
      drain();
    },
    receive: (skb, dev) => receiveFrame(kernel, skb, dev),
    backlog(skb, dev) {
      skb.encaps = 0;
      backlog.push({ skb, dev });
    },
    drop(skb, dev, reason, at, why, offDevice = false) {
      const fatal = !rec.hasFate(skb.id);
      const seq = rec.event('drop', skb, offDevice ? dev.ns.site : dev.site, {
        reason,
        at,
        why,
        fatal,
      });
      rec.fate(skb.id, { kind: 'dropped', reason, seq });
    },
    consumed: (skb, by) => rec.fate(skb.id, { kind: 'consumed', by }),
    timer: (delay, run) => afterJiffies(kernel, toJiffies(delay), run),
    after: (delay, run) => queue.push(nanos(rec.now + delay), run),
    solicit: (neigh, skb) => solicit(kernel, neigh, skb),
    unreachable: (neigh, skb) =>
      unreachable(kernel, neigh, skb, `${printAddr(neigh.ip)} did not answer`),
    fragment: (skb, mtu) => fragment(kernel, skb, mtu),
    tunnelXmit: (skb, dev) => tunnelXmit(kernel, skb, dev),
    batch(run) {
      depth++;
      run();
      depth--;
      drain();
    },
    process(run) {
      const was = softirq;
      softirq = false;
      run();
      drain();
      softirq = was;
    },
  };

  return {
    kernel,
    runUntil(until) {
      let sinceCheck = 0;
      for (;;) {
        const next = queue.peek();
        if (next === undefined || next > until) break;
        const item = queue.pop()!;
        rec.setTime(nanos(Math.max(rec.now, item.at)));
        if (rec.now > options.budgets.seconds * 1e9)
          rec.exhaust(`the run reached ${options.budgets.seconds} s of virtual time`);
        softirq = true;
        item.value();
        softirq = false;
        drain();
        if (++sinceCheck >= 64) {
          sinceCheck = 0;
          if (options.shouldStop?.() === true) rec.exhaust('the run was cancelled');
        }
        if (rec.exhausted !== null) return false;
      }
      rec.setTime(nanos(Math.max(rec.now, until)));
      return true;
    },
  };
}
