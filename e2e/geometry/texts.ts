// The texts of a page that a reader sees, line by line, each with the box of its ink.
import { boxOf, height, isEmpty } from './boxes.ts';
import { alphaOf, scratch } from './paint.ts';
import { scaleOf } from './scale.ts';
import { closest, inTopLayer, parentOf } from './tree.ts';
import type { AuditOptions, Box } from './types.ts';

export interface TextLine {
  readonly node: Text;
  readonly element: Element;
  readonly text: string;
  /** From the top of the highest letter to the bottom of the lowest one, in viewport pixels. */
  readonly ink: Box;
  readonly fontSize: number;
}

const NOT_TEXT = 'script, style, noscript, template, title, desc, metadata, option, head';

function textNodes(): readonly Text[] {
  const found: Text[] = [];
  const walk = (root: Node): void => {
    for (const node of root.childNodes) {
      if (node instanceof Text) found.push(node);
      else if (node instanceof Element) {
        if (node.shadowRoot !== null) walk(node.shadowRoot);
        walk(node);
      }
    }
  };
  walk(document.body);
  return found;
}

function isPainted(element: Element): boolean {
  if (
    !element.checkVisibility({
      opacityProperty: true,
      visibilityProperty: true,
      contentVisibilityAuto: true,
    })
  )
    return false;
  const style = getComputedStyle(element);
  const colour = element instanceof SVGElement ? style.fill : style.color;
  if (colour === 'none' || alphaOf(colour) < 0.05) return false;
  return !isForScreenReadersOnly(element);
}

/** The usual ways to keep a text for assistive technology alone: a box of one pixel, or clipped to nothing. */
function isForScreenReadersOnly(element: Element): boolean {
  for (let at: Element | null = element; at !== null; at = parentOf(at)) {
    const style = getComputedStyle(at);
    if (/^rect\((0|1)px,? (0|1)px,? (0|1)px,? (0|1)px\)$/.test(style.clip)) return true;
    if (/^inset\((50|100)%/.test(style.clipPath)) return true;
    if (/hidden|clip/.test(`${style.overflowX} ${style.overflowY}`)) {
      const { width, height: tall } = at.getBoundingClientRect();
      // Also a panel that is folded up to nothing.
      if (width <= 1 || tall <= 1) return true;
    }
    if (inTopLayer(at)) break;
  }
  return false;
}

/** The line box of the font is higher than its letters: boxes of two lines may touch where no letter does. */
function inkOf(line: Box, text: string, style: CSSStyleDeclaration): Box {
  const context = scratch();
  context.font = style.font;
  const shown = style.textTransform === 'uppercase' ? text.toUpperCase() : text;
  const metrics = context.measureText(shown);
  const full = metrics.fontBoundingBoxAscent + metrics.fontBoundingBoxDescent;
  if (!(full > 0)) return line;
  const factor = height(line) / full;
  const above = (metrics.fontBoundingBoxAscent - metrics.actualBoundingBoxAscent) * factor;
  const below = (metrics.fontBoundingBoxDescent - metrics.actualBoundingBoxDescent) * factor;
  return {
    ...line,
    top: line.top + Math.max(above, 0),
    bottom: line.bottom - Math.max(below, 0),
  };
}

export function textLines({ within, except }: AuditOptions): readonly TextLine[] {
  const lines: TextLine[] = [];
  const range = document.createRange();
  for (const node of textNodes()) {
    const text = node.data.replace(/\s+/g, ' ').trim();
    const element = node.parentElement ?? (node.getRootNode() as ShadowRoot).host;
    if (text === '' || closest(element, NOT_TEXT) !== null) continue;
    if (within !== undefined && closest(element, within) === null) continue;
    if (except !== undefined && closest(element, except) !== null) continue;
    if (!isPainted(element)) continue;
    const style = getComputedStyle(element);
    const { factor, turned } = scaleOf(element);
    const fontSize = Number.parseFloat(style.fontSize) * factor;
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      const line = boxOf(rect);
      if (isEmpty(line)) continue;
      const ink = turned ? line : inkOf(line, text, style);
      lines.push({ node, element, text: text.slice(0, 60), ink, fontSize });
    }
  }
  return lines;
}
