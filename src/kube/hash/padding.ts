// What SHA-1 and SHA-2 do to a message first (FIPS 180-4 section 5.1.1): one bit, zeros, and the length in bits, up to whole blocks.

/** Blocks of 64 bytes. */
export function padded(bytes: Uint8Array): DataView {
  const blocks = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setUint32(blocks.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(blocks.length - 4, (bytes.length << 3) >>> 0);
  return view;
}
