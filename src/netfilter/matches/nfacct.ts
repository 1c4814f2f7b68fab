// -m nfacct: counts in a named object and always matches (net/netfilter/xt_nfacct.c). The object's count is not shown here:
// the rule's own counter has the same number.
import { need, type MatchModule } from '../module.ts';

export interface NfacctSpec {
  readonly name: string;
}
export const nfacct: MatchModule<NfacctSpec> = {
  name: 'nfacct',
  options: { 'nfacct-name': '1' },
  pure: true,
  parse: (given, ctx) => ({ name: need(given, ctx, 'nfacct-name').values[0] ?? '' }),
  print: ({ name }) => ` --nfacct-name ${/^[\w-]+$/.test(name) ? name : `"${name}"`}`,
  compile: () => () => true,
  explain: () => null,
};
