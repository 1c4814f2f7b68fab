// Every colour that carries text or meaning keeps its contrast, in both themes (WCAG 2.2, 1.4.3 and 1.4.11).
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const css = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'tokens.css'), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name!, { light: light!, dark: dark! }] as const,
  ),
);

const linear = (c: number): number => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => linear(Number.parseInt(hex.slice(i, i + 2), 16) / 255));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}
const HUES = ['packet', 'reply', 'nat', 'encap', 'drop'];
const GROUNDS = ['bg', 'surface', 'canvas', 'surface-2'];

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const of = (name: string): string => tokens.get(name)![theme];
  it.each(['text', 'muted', ...HUES])('%s can be read on every ground', (name) => {
    for (const ground of GROUNDS)
      expect(contrast(of(name), of(ground)), ground).toBeGreaterThanOrEqual(4.5);
  });
  it('strokes that mean something can be seen', () => {
    for (const ground of GROUNDS)
      expect(contrast(of('stroke'), of(ground)), ground).toBeGreaterThanOrEqual(3);
  });
  it.each(HUES)('text and hue can be read on the tint of %s, and text on its chip', (hue) => {
    expect(contrast(of('text'), of(`${hue}-tint`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of(hue), of(`${hue}-tint`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of('on-hue'), of(hue))).toBeGreaterThanOrEqual(4.5);
  });
});
