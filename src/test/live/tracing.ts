// Lines of the TRACE target, one for each rule, gathered to walks: a packet at a hook, as it was when it came there.
import type { Json } from '../predict/observe.ts';
import { decodeFrame } from '../predict/observe.ts';
import type { JsonObject } from '../judge/types.ts';
import type { TraceLine } from './agent.ts';
import { isIpNoise, parseFrame } from './frames.ts';

export function walksOf(ns: string, lines: readonly TraceLine[]): readonly JsonObject[] {
  const walks: { readonly key: string; readonly value: JsonObject; readonly steps: string[] }[] =
    [];
  for (const line of lines) {
    const bytes = Buffer.from(line.packet, 'hex');
    if (isIpNoise(bytes)) continue;
    const layers = parseFrame(bytes, (bytes[0] ?? 0) >> 4 === 6 ? 'ipv6' : 'ipv4');
    const { out, key: packet } = decodeFrame(layers, { relative: (n) => n });
    const head = (out['ip'] ?? out['ip6'] ?? {}) as JsonObject;
    const value: Record<string, Json> = { ns, hook: line.hook };
    for (const name of ['in', 'out', 'physin', 'physout'] as const)
      if (line[name] !== undefined) value[name] = line[name];
    value['src'] = head['src'] ?? null;
    value['dst'] = head['dst'] ?? null;
    const key = JSON.stringify([value, packet]);
    const step = `${line.prefix}${line.mark === 0 ? '' : ` mark=0x${line.mark.toString(16)}`}`;
    const last = walks.at(-1);
    // The same packet may come to the same hook again: it starts in `raw` then.
    const again = step.startsWith('raw:') && last?.steps.includes(step) === true;
    if (last?.key === key && !again) last.steps.push(step);
    else walks.push({ key, value, steps: [step] });
  }
  return walks.map(({ value, steps }) => ({ ...value, steps }));
}
