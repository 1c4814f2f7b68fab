// Drops, as the tracepoint skb:kfree_skb tells them. It also fires for packets that did their work, and for frames of a flood that
// nobody wanted: those are no losses and may be absent.
import { canon } from './canon.ts';
import type { Difference, JsonObject } from './types.ts';

const isNoise = (d: JsonObject): boolean =>
  d['reason'] === 'OTHERHOST' || d['reason'] === 'IPV6DISABLED';

/** An echo reply after the ping socket had it; a reset that did its work. */
const wasServed = (d: JsonObject): boolean =>
  (d['reason'] === 'NO_SOCKET' && d['at'] === 'ping_rcv') ||
  (d['reason'] === 'NOT_SPECIFIED' && d['at'] === 'tcp_v4_rcv');

const deviceOf = (d: JsonObject): string => {
  const dev = d['dev'];
  return typeof dev === 'string' && dev !== '-' ? dev : '';
};

/** The tracepoint may know less than the engine: no device, or NOT_SPECIFIED. */
const agrees = (kernel: JsonObject, engine: JsonObject): boolean =>
  kernel['ns'] === engine['ns'] &&
  (deviceOf(kernel) === '' || deviceOf(kernel) === deviceOf(engine)) &&
  (kernel['reason'] === 'NOT_SPECIFIED' || kernel['reason'] === engine['reason']);

/** What is certain is matched first, so that a vague drop does not take a precise one's place. */
const rank = (d: JsonObject): number =>
  wasServed(d) ? 2 : d['reason'] === 'NOT_SPECIFIED' ? 1 : 0;

export function dropsDiffer(
  kernel: readonly JsonObject[],
  engine: readonly JsonObject[],
): Difference | null {
  const rest = engine.filter((d) => !isNoise(d));
  const wanted = kernel.filter((d) => !isNoise(d)).sort((a, b) => rank(a) - rank(b));
  for (const drop of wanted) {
    const at = rest.findIndex((other) => agrees(drop, other));
    if (at >= 0) rest.splice(at, 1);
    else if (!wasServed(drop))
      return { place: 'drops', at: null, kernel: canon(drop), engine: null, before: [] };
  }
  const extra = rest[0];
  if (extra === undefined) return null;
  return { place: 'drops', at: null, kernel: null, engine: canon(extra), before: [] };
}
