// -j CONNMARK: changes the connection's mark, or copies it from or to the packet (net/netfilter/xt_connmark.c connmark_tg).
import { find, type TargetModule } from '../module.ts';
import { hex, parseNumber, type Masked } from '../save/values.ts';
import { applyMarking, isMarking, MARKING_OPTIONS, parseMarking } from './marking.ts';

export type ConnmarkSpec =
  | ({ readonly mode: 'set' } & Masked)
  | { readonly mode: 'save' | 'restore'; readonly nfmask: number; readonly ctmask: number };

export const CONNMARK: TargetModule<ConnmarkSpec> = {
  name: 'CONNMARK',
  needsConntrack: () => true,
  options: {
    ...MARKING_OPTIONS,
    'save-mark': '0',
    'restore-mark': '0',
    mask: '1',
    nfmask: '1',
    ctmask: '1',
  },
  parse(given, ctx) {
    const modes = given.filter(({ name }) => isMarking(name) || name.endsWith('-mark'));
    const option = modes[0];
    if (option === undefined || modes.length > 1)
      ctx.fail(
        'CONNMARK: exactly one of --set-xmark, --save-mark, --restore-mark, ... is required',
      );
    if (option !== undefined && isMarking(option.name))
      return { mode: 'set', ...parseMarking(option, ctx) };
    const masked = (name: string): number => {
      const mask = find(given, name) ?? find(given, 'mask');
      return mask ? parseNumber(mask.values[0] ?? '', ctx, name) : 0xffffffff;
    };
    const mode = option?.name === 'restore-mark' ? 'restore' : 'save';
    return { mode, nfmask: masked('nfmask'), ctmask: masked('ctmask') };
  },
  print: (spec) =>
    spec.mode === 'set'
      ? ` --set-xmark ${hex(spec.value)}/${hex(spec.mask)}`
      : ` --${spec.mode}-mark --nfmask ${hex(spec.nfmask)} --ctmask ${hex(spec.ctmask)}`,
  compile: (spec) => (_, view, act) => {
    const entry = view.ct?.entry;
    if (entry === undefined) return 'continue';
    if (spec.mode === 'set') act.setCtMark(applyMarking(entry.mark, spec));
    else if (spec.mode === 'save')
      act.setCtMark(((entry.mark & ~spec.ctmask) ^ (view.mark & spec.nfmask)) >>> 0);
    else act.setMark(((view.mark & ~spec.nfmask) ^ (entry.mark & spec.ctmask)) >>> 0);
    return 'continue';
  },
};
