// -j CHECKSUM --checksum-fill: computes a checksum that offloading left open (net/netfilter/xt_CHECKSUM.c).
// Nothing changes here: checksums are always right on the wire.
import { need, type TargetModule } from '../module.ts';

export const CHECKSUM: TargetModule<null> = {
  name: 'CHECKSUM',
  limits: { tables: ['mangle'] },
  options: { 'checksum-fill': '0' },
  parse(given, ctx) {
    need(given, ctx, 'checksum-fill');
    return null;
  },
  print: () => ' --checksum-fill',
  compile: () => () => 'continue',
};
