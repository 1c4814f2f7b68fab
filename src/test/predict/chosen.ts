// Ports and ICMP ids that stand in no input are the kernel's choice: named eph1, eph2, ... in order of appearance, as the
// recorder names them.
import type { Json } from './observe.ts';
import type { Prediction, RecordingInput } from './recording.ts';

export function renameChosen(input: RecordingInput, prediction: Prediction): Prediction {
  const known = new Set((JSON.stringify(input).match(/\b\d{1,5}\b/g) ?? []).map(Number));
  known.add(0x1234);
  const names = new Map<number, string>();
  const nameOf = (value: number): Json => {
    if (known.has(value)) return value;
    if (!names.has(value)) names.set(value, `eph${names.size + 1}`);
    return names.get(value)!;
  };
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    const out: Record<string, Json> = {};
    for (const [key, one] of Object.entries(value))
      out[key] =
        ['sport', 'dport', 'id'].includes(key) && typeof one === 'number' ? nameOf(one) : walk(one);
    return out;
  };
  return {
    ...prediction,
    observations: walk(prediction['observations']!),
    conntrack: walk(prediction['conntrack']!),
  };
}
