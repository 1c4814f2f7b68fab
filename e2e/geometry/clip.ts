// Which ancestors cut a text off. CSS 2.1 11.1.1: `overflow` clips what the element is a containing block of, so an absolutely
// positioned child may escape; a scroll container is a window that the reader can move.
import { boxOf, excess, intersect, isEmpty } from './boxes.ts';
import { inTopLayer, parentOf } from './tree.ts';
import type { Box } from './types.ts';

export interface Clipping {
  /** What can be seen of the box right now. */
  readonly visible: Box;
  /** The nearest ancestor that cuts some of it off for good, and by how many pixels. */
  readonly by: { readonly element: Element; readonly pixels: number; readonly how: string } | null;
}

/** Less than this is rounding, or the side bearing of a glyph. */
const TOLERANCE = 1;

const viewport = (): Box => ({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });

/** The inside of the border, in viewport pixels, also where a transform scales it. */
function paddingBox(element: Element): Box {
  const outer = boxOf(element.getBoundingClientRect());
  if (!(element instanceof HTMLElement) || element.offsetWidth === 0) return outer;
  const x = (outer.right - outer.left) / element.offsetWidth;
  const y = (outer.bottom - outer.top) / Math.max(element.offsetHeight, 1);
  const left = outer.left + element.clientLeft * x;
  const top = outer.top + element.clientTop * y;
  const scrollbars = {
    x: element.offsetWidth - element.clientWidth - 2 * element.clientLeft,
    y: element.offsetHeight - element.clientHeight - 2 * element.clientTop,
  };
  return {
    left,
    top,
    right: outer.right - (element.clientLeft + Math.max(scrollbars.x, 0)) * x,
    bottom: outer.bottom - (element.clientTop + Math.max(scrollbars.y, 0)) * y,
  };
}

const movesFixed = (style: CSSStyleDeclaration): boolean =>
  style.transform !== 'none' ||
  style.scale !== 'none' ||
  style.translate !== 'none' ||
  style.rotate !== 'none' ||
  style.filter !== 'none' ||
  style.backdropFilter !== 'none' ||
  style.perspective !== 'none' ||
  /paint|layout|strict|content/.test(style.contain) ||
  /transform|filter|perspective/.test(style.willChange);

type Axis = 'hidden' | 'scroll' | 'visible';
const axis = (overflow: string): Axis =>
  overflow === 'hidden' || overflow === 'clip'
    ? 'hidden'
    : overflow === 'auto' || overflow === 'scroll'
      ? 'scroll'
      : 'visible';

/** `windows`: a selector of elements that cut off without hiding for good. */
export function clippingOf(element: Element, box: Box, windows: string | null): Clipping {
  let visible = box;
  let by: Clipping['by'] = null;
  let escape: 'no' | 'absolute' | 'fixed' = 'no';
  for (let at: Element | null = element; at !== null; at = parentOf(at)) {
    const style = getComputedStyle(at);
    const root = at === document.documentElement || at === document.body;
    const holdsIt =
      escape === 'no' ||
      movesFixed(style) ||
      (escape === 'absolute' && (style.position !== 'static' || root));
    if (holdsIt) {
      escape = 'no';
      const axes =
        style.display === 'contents' ? null : [axis(style.overflowX), axis(style.overflowY)];
      if (
        axes?.some((one) => one !== 'visible') === true &&
        (style.display !== 'inline' || at instanceof SVGSVGElement)
      ) {
        // The overflow of <body> and <html> is that of the window.
        const edge = root ? viewport() : paddingBox(at);
        const [x = 'visible', y = 'visible'] = axes;
        const cut: Box = {
          left: x === 'visible' ? -Infinity : edge.left,
          right: x === 'visible' ? Infinity : edge.right,
          top: y === 'visible' ? -Infinity : edge.top,
          bottom: y === 'visible' ? Infinity : edge.bottom,
        };
        const isWindow = windows !== null && at.matches(windows);
        if (!isWindow && by === null) {
          // Only the axis that cannot be scrolled hides for good, and only of what the windows below it let through.
          const hard: Box = {
            left: x === 'hidden' ? cut.left : -Infinity,
            right: x === 'hidden' ? cut.right : Infinity,
            top: y === 'hidden' ? cut.top : -Infinity,
            bottom: y === 'hidden' ? cut.bottom : Infinity,
          };
          const pixels = isEmpty(visible) ? 0 : excess(visible, hard);
          if (pixels > TOLERANCE)
            by = {
              element: at,
              pixels,
              how: style.textOverflow === 'ellipsis' ? 'ellipsis' : 'cut',
            };
        }
        visible = intersect(visible, cut);
      }
    }
    if (inTopLayer(at)) break;
    if (style.position === 'absolute') escape = escape === 'fixed' ? 'fixed' : 'absolute';
    if (style.position === 'fixed') escape = 'fixed';
  }
  return { visible, by };
}
