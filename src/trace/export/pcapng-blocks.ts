// Blocks and options of the pcapng file format (draft-ietf-opsawg-pcapng), little-endian. Only what the exporter writes.

export const LINKTYPE_ETHERNET = 1;
/** IPv4 or IPv6 without a link-layer header: tunnels of layer 3. */
export const LINKTYPE_RAW = 101;

export interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

const OPT_END = 0;
const encoder = new TextEncoder();
/** The length of an option is 16 bits wide. */
const MAX_OPTION = 0xfffc;

export const textOption = (code: number, text: string): Option => ({
  code,
  value: encoder.encode(text).subarray(0, MAX_OPTION),
});

/** Little-endian fields of 8, 16, 32 or 64 bits, one after the other. */
export type Field = readonly [8 | 16 | 32 | 64, number | bigint];

export function pack(fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [bits]) => sum + bits / 8, 0));
  let at = 0;
  for (const [bits, value] of fields)
    for (let rest = BigInt(value), i = 0; i < bits / 8; i++, rest >>= 8n)
      bytes[at++] = Number(rest & 0xffn);
  return bytes;
}

export const padded = (length: number): number => (length + 3) & ~3;

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const padTo4 = (value: Uint8Array): Uint8Array => {
  const out = new Uint8Array(padded(value.length));
  out.set(value);
  return out;
};

function packOptions(options: readonly Option[]): Uint8Array {
  if (options.length === 0) return new Uint8Array(0);
  const parts = options.flatMap(({ code, value }) => [
    pack([
      [16, code],
      [16, value.length],
    ]),
    padTo4(value),
  ]);
  return concat([...parts, pack([[32, OPT_END]])]);
}

/** Block type, total length, body, options, and the total length again. */
export function block(
  type: number,
  body: readonly Uint8Array[],
  options: readonly Option[],
): Uint8Array {
  const inside = concat([...body.map(padTo4), packOptions(options)]);
  const total = inside.length + 12;
  return concat([
    pack([
      [32, type],
      [32, total],
    ]),
    inside,
    pack([[32, total]]),
  ]);
}
