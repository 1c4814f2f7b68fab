// Colours and what lies on what, as far as it is needed to say whether one text is hidden behind another one's background.
import { contains, parentOf } from './tree.ts';

const alphas = new Map<string, number>();
let canvas: CanvasRenderingContext2D | null = null;

/** The 2D context that measures fonts and colours. */
export function scratch(): CanvasRenderingContext2D {
  if (canvas === null) {
    const element = document.createElement('canvas');
    element.width = 1;
    element.height = 1;
    canvas = element.getContext('2d', { willReadFrequently: true });
    if (canvas === null) throw new Error('this browser has no 2D canvas');
  }
  return canvas;
}

/** 0 .. 1, for any way in which CSS can write a colour. */
export function alphaOf(colour: string): number {
  const known = alphas.get(colour);
  if (known !== undefined) return known;
  const context = scratch();
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = 'rgba(0, 0, 0, 0)';
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const alpha = (context.getImageData(0, 0, 1, 1).data[3] ?? 0) / 255;
  alphas.set(colour, alpha);
  return alpha;
}

const OPAQUE = 0.85;

function opacityOf(element: Element): number {
  let opacity = 1;
  for (let at: Element | null = element; at !== null; at = parentOf(at))
    opacity *= Number(getComputedStyle(at).opacity);
  return opacity;
}

/** Nothing can be seen through this element's own background. */
function coversWhatIsBehind(element: Element): boolean {
  const style = getComputedStyle(element);
  if (opacityOf(element) < OPAQUE) return false;
  if (element instanceof SVGGeometryElement)
    return style.fill !== 'none' && alphaOf(style.fill) * Number(style.fillOpacity) >= OPAQUE;
  if (/^(img|video|canvas|iframe)$/.test(element.localName)) return true;
  return alphaOf(style.backgroundColor) >= OPAQUE;
}

/** Every element at a point, topmost first; shadow roots opened. */
function stackAt(x: number, y: number): readonly Element[] {
  const from = (root: DocumentOrShadowRoot): Element[] =>
    root
      .elementsFromPoint(x, y)
      .flatMap((element) =>
        element.shadowRoot === null || element.shadowRoot === root
          ? [element]
          : [...from(element.shadowRoot), element],
      );
  return [...new Set(from(document))];
}

const isInert = (element: Element): boolean => {
  const modal = [...document.querySelectorAll('dialog:modal')].at(-1);
  return modal !== undefined && !contains(modal, element);
};

/** Whether something opaque lies between the two at this point, so that only one of them can be seen. */
export function separated(a: Element, b: Element, x: number, y: number): boolean {
  // A modal dialog takes everything else out of hit testing; it is above all that.
  if (isInert(a) !== isInert(b)) return true;
  const stack = stackAt(x, y);
  const [top, bottom] =
    depthIn(stack, a) <= depthIn(stack, b) ? ([a, b] as const) : ([b, a] as const);
  const from = depthIn(stack, top);
  const to = depthIn(stack, bottom);
  if (from === Infinity || to === Infinity) return false;
  return stack
    .slice(from, to)
    .some((element) => !contains(element, bottom) && coversWhatIsBehind(element));
}

const depthIn = (stack: readonly Element[], element: Element): number => {
  const index = stack.indexOf(element);
  return index === -1 ? Infinity : index;
};

/** Hit testing passes over `pointer-events: none`, which labels and overlays have: while this runs, nothing has it. */
export function withEverythingHit<T>(run: () => T): T {
  const roots: (Document | ShadowRoot)[] = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll('*'))
      if (element.shadowRoot !== null) roots.push(element.shadowRoot);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, *::before, *::after { pointer-events: auto !important; }');
  for (const root of roots) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  try {
    return run();
  } finally {
    for (const root of roots)
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== sheet);
  }
}
