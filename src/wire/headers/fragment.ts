// A piece of a datagram that was cut (RFC 791 section 3.2, RFC 8200 section 4.5). It keeps the whole datagram: a
// piece is a view of the same bytes, and the transport checksum in the first one covers all of them. Bytes alone
// do not tell the whole, so the parser yields `payload` for them.
import { err } from '../../base/result.ts';
import type { Headers } from '../types.ts';
import { field, malformed } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Fragment = Headers['fragment'];

export const fragment: HeaderSpec<'fragment'> = {
  kind: 'fragment',
  title: 'Fragment',
  reference: 'RFC 791 section 3.2',
  fields: [
    field<Fragment>((h) => ({ bit: 0, bits: 8 * h.length }), {
      key: 'data',
      label: 'Data',
      filter: 'data.data',
      format: (h) =>
        `bytes ${h.offset} to ${h.offset + h.length - 1} of the datagram (${h.length} bytes)`,
    }),
  ],
  emit(header, { own, ends, emitLayers }) {
    const whole = emitLayers(header.of, ends);
    own.set(whole.subarray(header.offset, header.offset + own.length));
  },
  parse() {
    return err(malformed('data.data', 'a piece cannot be read without the datagram it is of'));
  },
};
