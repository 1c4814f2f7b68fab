// How wide a text will be, without a DOM: a little more than the widest of the fonts of the stacks.
const MONO = 7.4;
const SANS = 7;

export const monoWidth = (text: string): number => Math.ceil(text.length * MONO);
export const sansWidth = (text: string): number => Math.ceil(text.length * SANS);

/** A name in a box, with an address after it. */
export const labelWidth = (label: string, note = ''): number =>
  monoWidth(label) + (note === '' ? 0 : monoWidth(note) + 10);
