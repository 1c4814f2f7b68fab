// What an application sends, or bytes that nobody here reads. Known from its start only: `head` as Latin-1, the
// rest full stops, so that a large transfer costs no memory in a trace.
import { ok } from '../../base/result.ts';
import { get8 } from '../codec/bytes.ts';
import type { Headers } from '../types.ts';
import { field } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Payload = Headers['payload'];
const FULL_STOP = 0x2e;
const SHOWN = 64;

/** Latin-1 text of bytes. Full stops at the end are what `length` alone would say, so they are left out. */
export function latin1(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && get8(bytes, end - 1) === FULL_STOP) end--;
  let text = '';
  for (let i = 0; i < end; i++) text += String.fromCharCode(get8(bytes, i));
  return text;
}

/** One printable line: control characters as full stops, as in a hex dump. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\xa1-\xff]/g, '.');
}

export const payload: HeaderSpec<'payload'> = {
  kind: 'payload',
  title: 'Data',
  reference: 'application',
  fields: [
    field<Payload>((h) => ({ bit: 0, bits: 8 * h.length }), {
      key: 'data',
      label: 'Data',
      filter: 'data.data',
      format: (h) => {
        const text = printable(h.head.slice(0, SHOWN));
        const bytes = `(${h.length} byte${h.length === 1 ? '' : 's'})`;
        return text === '' ? bytes : `${text}${h.length > text.length ? '…' : ''} ${bytes}`;
      },
    }),
  ],
  emit(header, { own }) {
    own.fill(FULL_STOP);
    const end = Math.min(header.head.length, own.length);
    for (let i = 0; i < end; i++) own[i] = header.head.charCodeAt(i);
  },
  parse(bytes, { missing }) {
    return ok({
      header: { length: bytes.length + missing, head: latin1(bytes) },
      used: bytes.length,
      total: bytes.length,
      next: 'payload',
    });
  },
};
