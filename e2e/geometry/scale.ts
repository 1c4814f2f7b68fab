// How much larger or smaller than its computed font size a text is painted: CSS transforms and zoom of all ancestors, and the viewBox
// of an SVG. (An <svg> inside of an <svg> is taken as one.)
import { inTopLayer, parentOf } from './tree.ts';

const sizeOf = (matrix: DOMMatrixReadOnly): number =>
  Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c));

const matrixOf = (transform: string): DOMMatrix =>
  new DOMMatrix(transform === 'none' ? undefined : transform);

/** `scale: 2` or `scale: 1 2`, as one factor. */
function scaleProperty(text: string): number {
  if (text === 'none') return 1;
  const [x = 1, y = x] = text.split(' ').map(Number);
  return Math.sqrt(Math.abs(x * y));
}

export interface Scale {
  readonly factor: number;
  /** Not along the axes: boxes of the text are larger than the text. */
  readonly turned: boolean;
}

export function scaleOf(element: Element): Scale {
  let factor = 1;
  let turned = false;
  const add = (matrix: DOMMatrixReadOnly): void => {
    factor *= sizeOf(matrix);
    if (Math.abs(matrix.b) > 1e-3 || Math.abs(matrix.c) > 1e-3) turned = true;
  };
  for (let at: Element | null = element; at !== null; at = parentOf(at)) {
    if (at instanceof SVGGraphicsElement && at.ownerSVGElement !== null) {
      const matrix = at.getCTM();
      if (matrix !== null) add(matrix);
      let outer: SVGSVGElement = at.ownerSVGElement;
      while (outer.ownerSVGElement !== null) outer = outer.ownerSVGElement;
      at = outer;
    }
    const style = getComputedStyle(at);
    add(matrixOf(style.transform));
    factor *= scaleProperty(style.scale);
    if (style.rotate !== 'none') turned = true;
    const zoom = Number(style.zoom);
    // The computed font size is given before zoom.
    if (Number.isFinite(zoom) && zoom > 0) factor *= zoom;
    if (inTopLayer(at)) break;
  }
  return { factor, turned };
}
