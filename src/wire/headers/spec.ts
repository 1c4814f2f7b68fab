// What the project knows of one header: its fields as Wireshark shows them, how it becomes bytes, and how
// bytes become it. Everything that shows, compares or exports headers goes through this and the registry.
import type { IpEnds } from '../codec/checksum.ts';
import type { Result } from '../../base/result.ts';
import type { BitRange, FieldSpec, Headers, Layer, LayerKind, Quote, WireError } from '../types.ts';

export interface HeaderSpec<K extends LayerKind> {
  readonly kind: K;
  /** Wireshark's name of the protocol. */
  readonly title: string;
  readonly reference: string;
  /** In Wireshark's order, which is that of the bytes. */
  readonly fields: readonly FieldSpec<Headers[K]>[];
  /** Writes the header into `place.own`. Layers inside have been written before it. */
  emit(header: Headers[K], place: EmitPlace): void;
  parse(bytes: Uint8Array, context: ParseContext): Result<Parsed<Headers[K]>, WireError>;
}

export interface EmitPlace {
  /** The bytes of this header, all zero. */
  readonly own: Uint8Array;
  /** The bytes of all that it carries. */
  readonly body: Uint8Array;
  /** Of the nearest IP header outside. */
  readonly ends: IpEnds | null;
  /** Emits layers that stand for bytes inside of this one: a quote, a datagram to cut. */
  emitLayers(layers: readonly Layer[], ends: IpEnds | null): Uint8Array;
}

export interface ParseContext {
  /** Bytes that were cut off behind the end of `bytes`: more than 0 only inside a quote. */
  readonly missing: number;
  /** UDP ports that carry VXLAN. */
  readonly vxlanPorts: readonly number[];
  /** What an ICMP error quotes, or null where it cannot be read as an IP packet. */
  parseQuote(bytes: Uint8Array, kind: 'ipv4' | 'ipv6'): Quote | null;
}

export interface Parsed<H> {
  readonly header: H;
  /** Bytes of the header. */
  readonly used: number;
  /** Bytes of the header and what it carries, where it says so: behind that is padding. null: all there is. */
  readonly total: number | null;
  /** What comes next; `payload` where nothing more is known. */
  readonly next: LayerKind;
}

interface FieldText<H> {
  readonly key: string;
  readonly label: string;
  readonly filter: string;
  format(header: H): string;
}

/** A field with a fixed place: `at(bit, bits)`. */
export const at = (bit: number, bits: number): (() => BitRange) => {
  const range = { bit, bits };
  return () => range;
};

export const field = <H>(
  place: (header: H) => BitRange | null,
  text: FieldText<H>,
): FieldSpec<H> => ({ ...text, derived: false, place });

/** A field that the emitter makes: its text is read from the bytes. */
export const derived = <H>(
  place: (header: H) => BitRange | null,
  text: Omit<FieldText<H>, 'format'> & { read(own: Uint8Array): string },
): FieldSpec<H> => ({
  key: text.key,
  label: text.label,
  filter: text.filter,
  derived: true,
  place,
  format: (_, own) => text.read(own),
});

export const yesNo = (value: boolean): string => (value ? 'Set' : 'Not set');

export const truncated = (need: number, have: number): WireError => ({
  kind: 'truncated',
  need,
  have,
});
export const malformed = (fieldName: string, reason: string): WireError => ({
  kind: 'malformed',
  field: fieldName,
  reason,
});
