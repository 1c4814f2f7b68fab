// The five spellings of "change a mark" that MARK and CONNMARK share. All are one operation: mark = (mark & ~mask) ^ value,
// which iptables-save prints as --set-xmark value/mask (libxt_MARK.c, libxt_CONNMARK.c).
import type { Given, ParseContext } from '../module.ts';
import { parseMasked, parseNumber, type Masked } from '../save/values.ts';

export const MARKING_OPTIONS = {
  'set-xmark': '1',
  'set-mark': '1',
  'and-mark': '1',
  'or-mark': '1',
  'xor-mark': '1',
} as const;
export const isMarking = (name: string): boolean => name in MARKING_OPTIONS;

export function parseMarking(option: Given, ctx: ParseContext): Masked {
  const text = option.values[0] ?? '';
  switch (option.name) {
    case 'set-xmark':
      return parseMasked(text, ctx, 'mark');
    case 'set-mark': {
      const { value, mask } = parseMasked(text, ctx, 'mark');
      return { value, mask: (value | mask) >>> 0 };
    }
    case 'and-mark':
      return { value: 0, mask: ~parseNumber(text, ctx, 'mark') >>> 0 };
    case 'or-mark': {
      const bits = parseNumber(text, ctx, 'mark');
      return { value: bits, mask: bits };
    }
    default:
      return { value: parseNumber(text, ctx, 'mark'), mask: 0 };
  }
}
export const applyMarking = (mark: number, { value, mask }: Masked): number =>
  ((mark & ~mask) ^ value) >>> 0;
