// The mark bits that Felix works with (felix/dataplane/driver.go: taken from the mask 0xffff0000 in turn, since v3.30), and matches and
// actions on them.
export const ACCEPT = 0x10000;
export const PASS = 0x20000;
export const SCRATCH0 = 0x80000;
export const SCRATCH1 = 0x100000;
export const ALL_BITS = ACCEPT | PASS | SCRATCH0 | SCRATCH1;

const hex = (bits: number): string => `0x${bits.toString(16)}`;

export const markSet = (bits: number): string => `-m mark --mark ${hex(bits)}/${hex(bits)}`;
export const markClear = (bits: number): string => `-m mark --mark 0/${hex(bits)}`;
export const markNotClear = (bits: number): string => `-m mark ! --mark 0/${hex(bits)}`;
export const setMark = (bits: number): string => `--jump MARK --set-mark ${hex(bits)}/${hex(bits)}`;
export const clearMark = (bits: number): string => `--jump MARK --set-mark 0/${hex(bits)}`;
/** These bits of the mask, and the rest of the mask cleared. */
export const setMaskedMark = (bits: number, mask: number): string =>
  `--jump MARK --set-mark ${hex(bits)}/${hex(mask)}`;
