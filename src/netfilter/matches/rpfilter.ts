// -m rpfilter: does the way back to the source lead out of the device it came in on? (ipt_rpfilter.c, ip6t_rpfilter.c)
import { byMismatch, find, type MatchModule } from '../module.ts';
import { printAddr } from '../../wire/addr/ip.ts';

export interface RpfilterSpec {
  readonly loose: boolean;
  readonly validMark: boolean;
  readonly acceptLocal: boolean;
  readonly invert: boolean;
}
export const rpfilter: MatchModule<RpfilterSpec> = {
  name: 'rpfilter',
  limits: { tables: ['mangle', 'raw'], hooks: ['PREROUTING'] },
  options: { loose: '0', validmark: '0', 'accept-local': '0', invert: '0' },
  parse: (given) => ({
    loose: find(given, 'loose') !== undefined,
    validMark: find(given, 'validmark') !== undefined,
    acceptLocal: find(given, 'accept-local') !== undefined,
    invert: find(given, 'invert') !== undefined,
  }),
  print: (spec) =>
    (spec.loose ? ' --loose' : '') +
    (spec.validMark ? ' --validmark' : '') +
    (spec.acceptLocal ? ' --accept-local' : '') +
    (spec.invert ? ' --invert' : ''),
  ...byMismatch<RpfilterSpec>((spec, facts, view) =>
    view.reversePath(spec) === spec.invert
      ? `the way back to ${printAddr(facts.src)} ${spec.invert ? 'leads' : 'does not lead'} out of ${view.in ?? '(no device)'}`
      : null,
  ),
};
