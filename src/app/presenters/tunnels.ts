// Presenters of tunnels, and of what a machine sends and receives for itself: an envelope is both.
import type { Packet } from '../../wire/types.ts';
import {
  firstIn,
  isIpInIp,
  outerEnds,
  packetAfter,
  packetBefore,
  sizeOf,
  wrapsOf,
} from './facts.ts';
import { entryText, placeName } from './names.ts';
import type { Presenter, Telling } from './told.ts';

/** Bytes that a tunnel costs: what comes before the IP packet or frame of before. The outermost Ethernet header is the link's. */
const grownBy = ({ trace, step }: Telling): number => {
  const [before, after] = [packetBefore(trace, step), packetAfter(trace, step)];
  if (before === null || after === null) return 0;
  const bare = (packet: Packet): number =>
    sizeOf(packet) - (packet.layers[0]?.kind === 'ethernet' ? ETHERNET : 0);
  return Math.abs(bare(before) - bare(after));
};
const ETHERNET = 14;

export const encap: Presenter = (t) => {
  const { trace, step, m } = t;
  const wrapped = firstIn(trace, step, 'tunnel.encap');
  const fdb = firstIn(trace, step, 'fdb.lookup');
  const packet = packetAfter(trace, step);
  const dev = wrapped?.site.dev ?? '';
  const vni = wrapped?.detail.vni ?? null;
  const neigh = firstIn(trace, step, 'neigh.lookup');
  const bytes = grownBy(t);
  if (wrapped?.detail.kind === 'ipip')
    return {
      title: m.steps.encap.title({ dev, bytes }),
      what: m.steps.encap.whatIp({
        ...(packet === null ? { src: '', dst: '' } : outerEnds(packet)),
        dev,
      }),
      why: m.steps.encap.whyIp,
      source: 'ipip',
    };
  return {
    title: m.steps.encap.title({ dev, bytes }),
    what: m.steps.encap.what({
      ...(packet === null ? { src: '', dst: '' } : outerEnds(packet)),
      dev,
      vni: vni === null ? '' : `, VNI ${vni}`,
    }),
    why:
      neigh === undefined || fdb?.detail.dst == null
        ? m.steps.encap.why
        : m.steps.encap.whyKnown({ ip: neigh.detail.ip, remote: fdb.detail.dst }),
    source: 'vxlan',
  };
};

export const decap: Presenter = (t) => {
  const { trace, step, m } = t;
  const opened = firstIn(trace, step, 'tunnel.decap');
  const dev = opened?.site.dev ?? '';
  const vni = opened?.detail.vni ?? null;
  return {
    title: m.steps.decap.title({ dev, bytes: grownBy(t) }),
    what: (opened?.detail.kind === 'ipip' ? m.steps.decap.whatIp : m.steps.decap.what)({ dev }),
    why:
      opened?.detail.kind === 'ipip'
        ? m.steps.decap.whyAny
        : m.steps.decap.why({
            vni: vni === null ? '' : ` with VNI ${vni}`,
            port: udpPort(packetBefore(trace, step)),
          }),
    source: opened?.detail.kind === 'ipip' ? 'ipip' : 'vxlan',
  };
};

/** The port that the outermost UDP header is for. */
function udpPort(packet: Packet | null): string {
  const udp = packet?.layers.find((l) => l.kind === 'udp');
  return udp?.kind === 'udp' ? `${udp.header.dport}` : '';
}

export const localOut: Presenter = ({ trace, step, m }) => {
  const packet = packetAfter(trace, step);
  const found = firstIn(trace, step, 'route.lookup');
  const walked = firstIn(trace, step, 'nf.walk');
  const ct = firstIn(trace, step, 'ct.lookup');
  const place = placeName(trace, step.netns ?? '');
  const outer = packet !== null && wrapsOf(packet) > 1;
  const dst = packet === null ? '' : outerEnds(packet).dst;
  const entry =
    ct !== undefined && ct.detail.entry !== null && ct.detail.created
      ? entryText(trace, ct, ct.detail.entry)
      : null;
  return {
    title: outer ? m.steps.localOut.title : m.steps.localOut.titlePlain,
    what: outer
      ? m.steps.localOut.what({
          place,
          dst,
          dev: found?.detail.choice.dev ?? walked?.detail.out ?? '',
        })
      : m.steps.localOut.whatPlain({ place, dst }),
    why: outer && entry !== null ? m.steps.localOut.whyEntry({ entry }) : m.steps.localOut.why,
    source: 'output',
  };
};

export const localIn: Presenter = ({ trace, step, m }) => {
  const packet = packetAfter(trace, step);
  const place = placeName(trace, step.netns ?? '');
  const outer = packet !== null && wrapsOf(packet) > 1;
  const dst = packet === null ? '' : outerEnds(packet).dst;
  const port = udpPort(packet);
  if (outer && isIpInIp(packet))
    return {
      title: m.steps.localIn.title,
      what: m.steps.localIn.whatIp({ place, dst }),
      why: m.steps.localIn.whyIp,
      source: 'input',
    };
  return {
    title: outer ? m.steps.localIn.title : m.steps.localIn.titlePlain,
    what: outer
      ? m.steps.localIn.what({ place, dst, port })
      : m.steps.localIn.whatPlain({ place, dst }),
    why: outer ? m.steps.localIn.why : m.steps.localIn.whyPlain,
    source: 'input',
  };
};
