// Presenters of what starts and ends a packet's way: sockets, the kernel itself, processes, losses.
import type { TraceEvent } from '../../trace/types.ts';
import { walkSteps } from '../../trace/steps/walk.ts';
import { eventsIn, firstIn, hostOf, ownerOf, packetAfter, sayingOf } from './facts.ts';
import { objectAt, placeName, ruleRow } from './names.ts';
import type { Presenter, Telling } from './told.ts';

const wordOf = (word: string): string =>
  word === 'ACK'
    ? 'an ACK'
    : word === 'SYN'
      ? 'a SYN'
      : word === 'SYN-ACK'
        ? 'a SYN-ACK'
        : word === 'FIN'
          ? 'a FIN'
          : word === 'RST'
            ? 'a RST'
            : word;

export const send: Presenter = ({ trace, step, m }) => {
  const sent = firstIn(trace, step, 'socket.send');
  const packet = packetAfter(trace, step);
  const said = packet === null ? null : sayingOf(packet);
  const process = sent?.detail.process ?? 'kernel';
  const p = {
    process,
    word: said === null ? 'a packet' : wordOf(said.word),
    src: said?.src ?? '',
    dst: said?.dst ?? '',
  };
  const bare = { ...p, word: said?.word ?? 'packet' };
  const what =
    step.phase.kind === 'request'
      ? said?.word === 'SYN'
        ? m.steps.send.opens(bare)
        : m.steps.send.sends(p)
      : step.forward
        ? m.steps.send.sends(p)
        : m.steps.send.answers(p);
  const host = hostOf(p.dst);
  const owner = ownerOf(trace.topology, host);
  const asked = step.phase.kind === 'reply' ? askedFor({ trace, step, m }) : null;
  const object = owner === undefined ? objectAt(trace, host) : null;
  const place = (ns: { name: string }): string => placeName(trace, ns.name);
  const why =
    asked !== null && hostOf(asked) !== hostOf(p.src)
      ? m.steps.send.unaware({ src: p.src, asked })
      : owner === undefined
        ? object === null
          ? m.steps.send.nobody({ host })
          : m.steps.send.service({ host, object })
        : owner.ns.name === step.netns
          ? m.steps.send.local({ host })
          : m.steps.send.owner({ host, owner: place(owner.ns), dev: owner.device.name });
  const source =
    said?.protocol === 'TCP' ? 'tcpConnect' : said?.protocol === 'UDP' ? 'udp' : 'socket';
  return { title: m.steps.send.title(p), what, why, source };
};

/** Where the flow's first packet was sent to, as its sender wrote it. */
function askedFor({ trace, step }: Telling): string | null {
  const first = trace.packets.find(
    (p) =>
      p.flow === step.phase.flow &&
      trace.events.some((e) => e.packet === p.id && e.kind === 'socket.send'),
  );
  const born = first?.revisions[0];
  return born === undefined ? null : sayingOf(born).dst;
}

export const kernelSend: Presenter = ({ trace, step, m }) => {
  const sent = firstIn(trace, step, 'kernel.send');
  const packet = packetAfter(trace, step);
  const ends = packet === null ? { src: '', dst: '' } : sayingOf(packet);
  const what = sent?.detail.what ?? 'a packet';
  return {
    title: m.steps.kernelSend.title({ what }),
    what: m.steps.kernelSend.what({
      what,
      src: ends.src,
      dst: ends.dst,
      place: placeName(trace, step.netns ?? ''),
    }),
    why: m.steps.kernelSend.why({ why: sent?.detail.why ?? '' }),
    source: what.startsWith('TCP') ? 'tcp' : 'icmp',
  };
};

export const deliver: Presenter = ({ trace, step, m }) => {
  const got = firstIn(trace, step, 'socket.receive');
  const packet = packetAfter(trace, step);
  const said = packet === null ? null : sayingOf(packet);
  const word = said?.word ?? 'packet';
  if (got === undefined) {
    const up = firstIn(trace, step, 'ip.deliver');
    const protocol = (up?.detail.protocol ?? '').toUpperCase();
    return {
      title: m.steps.deliver.title({ process: protocol, word }),
      what: m.steps.deliver.kernel({ place: placeName(trace, step.netns ?? ''), protocol }),
      why: m.steps.deliver.whyLocal,
      source: 'input',
    };
  }
  const { process, socket } = got.detail;
  const host = hostOf(said?.dst ?? '');
  const owner = ownerOf(trace.topology, host);
  const asked = step.phase.kind === 'reply' ? askedFor({ trace, step, m }) : null;
  const why =
    asked !== null && asked === said?.src
      ? m.steps.deliver.whyMatch({ src: said.src })
      : owner === undefined
        ? m.steps.deliver.whyLocal
        : m.steps.deliver.why({ dst: host, dev: owner.device.name, src: said?.src ?? '' });
  return {
    title: m.steps.deliver.title({ process, word: wordOf(word) }),
    what: m.steps.deliver.what({ process, word, socket }),
    why,
    source: said?.protocol === 'UDP' ? 'udp' : 'tcpReceive',
  };
};

export const drop: Presenter = ({ trace, step, m }) => {
  const lost =
    eventsIn(trace, step, 'drop').find((e) => e.detail.fatal) ?? firstIn(trace, step, 'drop');
  const walk = firstIn(trace, step, 'nf.walk');
  const reason = lost?.detail.reason ?? 'NETFILTER_DROP';
  const at = lost?.detail.at ?? walk?.detail.hook ?? '';
  return {
    title: m.steps.drop.title({ reason }),
    what: m.steps.drop.what({ reason, at }),
    why:
      (walk === undefined ? null : ruleThatDrops({ trace, step, m }, walk)) ??
      m.steps.drop.why({ why: lost?.detail.why ?? '' }),
    source: 'dropReason',
  };
};

/** Which rule it was, who wrote it for what, and what it says about itself. */
function ruleThatDrops({ trace, m }: Telling, walk: TraceEvent<'nf.walk'>): string | null {
  const last = walkSteps(trace, walk).at(-1);
  if (walk.detail.verdict !== 'drop' || last?.kind !== 'rule') return null;
  const row = ruleRow(trace, walk, last.chain, last.rule);
  const [who, object] = [row?.['by'], row?.['object']];
  const comment = commentOf(`${row?.['text'] ?? ''}`);
  return m.steps.drop.whyRule({
    table: walk.detail.table,
    chain: last.chain,
    rule: last.rule,
    by: typeof who === 'string' ? m.steps.drop.by({ who, object: `${object ?? ''}` }) : '',
    comment: comment === null ? '' : `: “${comment}”`,
  });
}

/** The last comment of a rule; Felix' hashes are none. */
function commentOf(text: string): string | null {
  const found = [...text.matchAll(/--comment (?:"([^"]*)"|(\S+))/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  return found.findLast((comment) => !comment.startsWith('cali:')) ?? null;
}

export const result: Presenter = ({ trace, step, m }) => {
  const done = firstIn(trace, step, 'process.result');
  const process = done?.detail.process ?? '';
  const r = done?.detail.result ?? {};
  const ok = r.result === 'ok';
  return {
    title: m.steps.result.title({ process, result: r.result ?? '' }),
    what: ok
      ? m.steps.result.ok({ process, bytes: r.response_bytes ?? 0 })
      : m.steps.result.failed({ process, error: r.error ?? r.result ?? '' }),
    why: ok
      ? m.steps.result.whyOk({
          by: r.served_by ?? '',
          process,
          asked: askedFor({ trace, step, m }) ?? '',
        })
      : m.steps.result.whyFailed({ stage: r.stage ?? r.result ?? '' }),
    source: 'socket',
  };
};

export const process: Presenter = ({ trace, step, m }) => {
  const call = firstIn(trace, step, 'process.call');
  const p = call?.detail ?? { process: '', call: '', text: '' };
  return {
    title: m.steps.process.title(p),
    what: m.steps.process.what(p),
    why: m.steps.process.why,
    source: 'socket',
  };
};

export const command: Presenter = ({ trace, step, m }) => {
  const text = firstIn(trace, step, 'command')?.detail.text ?? '';
  const what = m.steps.command.what({ text, place: placeName(trace, step.netns ?? '') });
  return { title: m.steps.command.title, what, why: m.steps.command.why, source: 'socket' };
};

/** A whole packet as one step. */
export const packet: Presenter = ({ trace, step, m }) => {
  const record = step.packet === null ? undefined : trace.packets[step.packet - 1];
  const born = record?.revisions[0];
  const said = born === undefined ? null : sayingOf(born);
  const sender =
    firstIn(trace, step, 'socket.send')?.detail.process ??
    firstIn(trace, step, 'kernel.send')?.detail.what ??
    '';
  const ends = { src: said?.src ?? '', dst: said?.dst ?? '' };
  const word = said?.word ?? 'packet';
  const rewrite = firstIn(trace, step, 'nat.rewrite');
  const changed =
    rewrite === undefined
      ? m.steps.packet.plain
      : rewrite.detail.undo
        ? m.steps.packet.undo
        : rewrite.detail.manip === 'dst'
          ? m.steps.packet.dnat
          : m.steps.packet.snat;
  const meaning =
    said?.line !== undefined && said.line !== ''
      ? m.steps.packet.data({ line: said.line })
      : word === 'FIN'
        ? m.steps.packet.fin({ process: sender })
        : word === 'RST'
          ? m.steps.packet.rst({ process: sender })
          : word === 'ACK'
            ? m.steps.packet.ack({ process: sender })
            : '';
  const fate = record?.fate;
  return {
    title: m.steps.packet.title({
      word: word === 'data' ? `data (${said?.data ?? 0} bytes)` : word,
      process: sender,
    }),
    what:
      fate?.kind === 'dropped'
        ? m.steps.packet.lost({ ...ends, word, reason: fate.reason })
        : (step.forward ? m.steps.packet.there : m.steps.packet.back)({
            ...ends,
            word,
            count: step.children.length,
          }),
    why: meaning === '' ? changed : `${meaning} ${changed}`,
    source: said?.protocol === 'TCP' ? 'tcp' : 'conntrack',
    change:
      rewrite === undefined ? null : { before: rewrite.detail.from, after: rewrite.detail.to },
  };
};

export const packets: Presenter = ({ step, m }) => ({
  title: m.steps.packets.title({ count: step.children.length }),
  what: m.steps.packets.what({ count: step.children.length }),
  why: m.steps.packets.why,
  source: 'conntrack',
});
