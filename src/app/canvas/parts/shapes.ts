// Outlines of the kinds of boxes: each can be told from the others in one colour. Paths run inside of the box by half a stroke.
import type { BoxKind } from '../layout/types.ts';

const round = (w: number, h: number, r: number, i = 1): string =>
  `M${i + r} ${i}H${w - i - r}a${r} ${r} 0 0 1 ${r} ${r}V${h - i - r}a${r} ${r} 0 0 1 ${-r} ${r}H${i + r}a${r} ${r} 0 0 1 ${-r} ${-r}V${i + r}a${r} ${r} 0 0 1 ${r} ${-r}z`;

/** The outline, and lines inside of it. */
export function shapeOf(
  kind: BoxKind,
  w: number,
  h: number,
): { readonly outline: string; readonly inner: string } {
  switch (kind) {
    case 'hook': {
      const c = 9;
      return {
        outline: `M${c} 1H${w - c}L${w - 1} ${h / 2}L${w - c} ${h - 1}H${c}L1 ${h / 2}z`,
        inner: '',
      };
    }
    case 'route':
      return { outline: `M${w / 2} 0L${w} ${h / 2}L${w / 2} ${h}L0 ${h / 2}z`, inner: '' };
    case 'bridge': {
      // A house: the roof in the middle of a long wall, doors below it.
      const m = w / 2;
      const doors = [0.2, 0.4, 0.6, 0.8].map((f) => `M${(w * f).toFixed(1)} ${h - 1}v-4`).join('');
      return {
        outline: `M1 ${h - 1}V6H${m - 16}L${m} 1L${m + 16} 6H${w - 1}V${h - 1}z`,
        inner: doors,
      };
    }
    case 'tunnel':
      return { outline: round(w, h, 3), inner: round(w, h, 2, 4) };
    case 'nic': {
      const teeth = [-12, 0, 12].map((d) => `M${w / 2 + d - 3} ${h - 1}v-5h6v5`).join('');
      return { outline: round(w, h, 3), inner: teeth };
    }
    case 'veth':
      // Half a capsule: the other half is the peer.
      return {
        outline: `M5 1H${w - h / 2}a${h / 2 - 1} ${h / 2 - 1} 0 0 1 0 ${h - 2}H5L10 ${h / 2}z`,
        inner: '',
      };
    case 'process':
      return { outline: round(w, h, 3), inner: `M1 8H${w - 1}` };
    case 'switch':
      return { outline: round(w, h, 4), inner: `M14 ${h / 2 - 3}h12l-3-3M26 ${h / 2 + 4}H14l3 3` };
    case 'machine':
      return { outline: round(w, h, 4), inner: `M2 3H${w - 2}` };
    case 'pod':
      return { outline: round(w, h, 11), inner: '' };
    case 'cluster':
    case 'more':
    case 'device':
      return { outline: round(w, h, 4), inner: '' };
  }
}
