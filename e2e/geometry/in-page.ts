// The page's side of the geometry checks: bundled into one script and run in the page that is tested (see ../geometry.ts).
import { boxOf, excess, height, intersect, isEmpty, width } from './boxes.ts';
import { clippingOf } from './clip.ts';
import { separated, withEverythingHit } from './paint.ts';
import { textLines } from './texts.ts';
import type { TextLine } from './texts.ts';
import { pathOf } from './tree.ts';
import type { Audit, AuditOptions, Box, Finding } from './types.ts';

interface SeenLine extends TextLine {
  readonly visible: Box;
}

export function audit(options: AuditOptions): Audit {
  const { minimumFontSize = 12, windows = null } = options;
  const findings: Finding[] = [];
  const seen: SeenLine[] = [];
  const lines = textLines(options);
  // One finding for a text, however many lines of it are cut.
  const clipped = new Map<Element, string>();
  const small = new Set<Element>();
  for (const line of lines) {
    const { visible, by } = clippingOf(line.element, line.ink, windows);
    const key = by === null ? '' : `${pathOf(by.element)} ${line.text}`;
    if (by !== null && clipped.get(line.element) !== key) {
      clipped.set(line.element, key);
      findings.push(
        finding('clipped', line, `${by.pixels.toFixed(1)} px (${by.how}) by ${pathOf(by.element)}`),
      );
    }
    if (isEmpty(visible)) continue;
    seen.push({ ...line, visible });
    if (line.fontSize < minimumFontSize - 0.05 && !small.has(line.element)) {
      small.add(line.element);
      findings.push(finding('small', line, `${line.fontSize.toFixed(1)} px`));
    }
  }
  withEverythingHit(() => findings.push(...overlaps(seen)));
  return { texts: lines.length, findings };
}

function overlaps(lines: readonly SeenLine[]): readonly Finding[] {
  const found: Finding[] = [];
  const sorted = lines.toSorted((a, b) => a.visible.top - b.visible.top);
  sorted.forEach((a, index) => {
    for (const b of sorted.slice(index + 1)) {
      if (b.visible.top >= a.visible.bottom) break;
      const common = intersect(a.visible, b.visible);
      const least = Math.max(1, 0.1 * Math.min(height(a.ink), height(b.ink)));
      if (width(common) <= 1 || height(common) <= least) continue;
      // The two halves of a text that an ellipsis ends: the shown one, and the one that is not.
      if (a.node === b.node && Math.abs(a.ink.top - b.ink.top) < 1) continue;
      const x = (common.left + common.right) / 2;
      const y = (common.top + common.bottom) / 2;
      if (a.element !== b.element && separated(a.element, b.element, x, y)) continue;
      const size = `${width(common).toFixed(1)} x ${height(common).toFixed(1)} px`;
      found.push(finding('overlap', a, `${size} with "${b.text}" at ${pathOf(b.element)}`));
    }
  });
  return found;
}

const finding = (kind: Finding['kind'], line: TextLine, detail: string): Finding => ({
  kind,
  text: line.text,
  at: pathOf(line.element),
  detail,
  box: line.ink,
});

/** Pixels by which the first element sticks out of the second, at its worst side; <= 0 when it lies inside. null: one is missing. */
export function sticksOut(inner: string, outer: string): number | null {
  const [a, b] = [document.querySelector(inner), document.querySelector(outer)];
  if (a === null || b === null) return null;
  return excess(boxOf(a.getBoundingClientRect()), boxOf(b.getBoundingClientRect()));
}
