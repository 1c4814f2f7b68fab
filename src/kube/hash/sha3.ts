// SHA3-224 (FIPS 202). Felix names chains of grouped policies with it. Lanes are pairs of 32-bit halves, low half first.

const LANES = 25;
/** Bytes that a block takes in: 1600 bits less twice the 224 of the digest. */
const RATE = 144;

/** Rotations and order of the lanes in steps rho and pi, and the round constants: as the standard makes them. */
const ROTATIONS: readonly number[] = Array.from(
  { length: 24 },
  (_, t) => (((t + 1) * (t + 2)) / 2) % 64,
);
const ORDER: readonly number[] = (() => {
  const order: number[] = [];
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    order.push(x + 5 * y);
  }
  return order;
})();

/** Round constants as [low, high], from the linear feedback shift register of the standard. */
const CONSTANTS: readonly (readonly [number, number])[] = (() => {
  let register = 1;
  const bit = (): number => {
    const out = register & 1;
    register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1;
    return out;
  };
  return Array.from({ length: 24 }, () => {
    const halves: [number, number] = [0, 0];
    for (let j = 0; j <= 6; j++) {
      const position = (1 << j) - 1;
      if (bit() === 1) halves[position >> 5]! |= 1 << (position & 31);
    }
    return halves;
  });
})();

function rotate(low: number, high: number, by: number): readonly [number, number] {
  const [a, b] = by < 32 ? [low, high] : [high, low];
  const n = by % 32;
  return n === 0 ? [a, b] : [(a << n) | (b >>> (32 - n)), (b << n) | (a >>> (32 - n))];
}

function permute(s: Int32Array): void {
  const column = new Int32Array(10);
  const row = new Int32Array(10);
  for (const [constantLow, constantHigh] of CONSTANTS) {
    for (let x = 0; x < 10; x++)
      column[x] = s[x]! ^ s[x + 10]! ^ s[x + 20]! ^ s[x + 30]! ^ s[x + 40]!;
    for (let x = 0; x < 5; x++) {
      const left = 2 * ((x + 4) % 5);
      const right = 2 * ((x + 1) % 5);
      const [low, high] = rotate(column[right]!, column[right + 1]!, 1);
      for (let y = 0; y < 5; y++) {
        s[2 * (x + 5 * y)]! ^= column[left]! ^ low;
        s[2 * (x + 5 * y) + 1]! ^= column[left + 1]! ^ high;
      }
    }
    let [low, high] = [s[2]!, s[3]!];
    for (let t = 0; t < 24; t++) {
      const at = 2 * ORDER[t]!;
      const moved = rotate(low, high, ROTATIONS[t]!);
      [low, high] = [s[at]!, s[at + 1]!];
      [s[at], s[at + 1]] = moved;
    }
    for (let y = 0; y < 50; y += 10) {
      row.set(s.subarray(y, y + 10));
      for (let x = 0; x < 10; x++) s[y + x] = row[x]! ^ (~row[(x + 2) % 10]! & row[(x + 4) % 10]!);
    }
    s[0]! ^= constantLow;
    s[1]! ^= constantHigh;
  }
}

/** 28 bytes. */
export function sha3of224(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(bytes.length / RATE) + 1) * RATE);
  padded.set(bytes);
  padded[bytes.length] = 0x06;
  padded[padded.length - 1]! |= 0x80;
  const view = new DataView(padded.buffer);
  const state = new Int32Array(2 * LANES);
  for (let block = 0; block < padded.length; block += RATE) {
    for (let i = 0; i < RATE / 4; i++) state[i]! ^= view.getInt32(block + 4 * i, true);
    permute(state);
  }
  const out = new DataView(new ArrayBuffer(28));
  for (let i = 0; i < 7; i++) out.setInt32(4 * i, state[i]!, true);
  return new Uint8Array(out.buffer);
}
