// Geometry of a page under test: texts that are clipped, that lie on one another, or that are too small to read, and whether an element
// lies inside of another. Pixels of what the browser laid out, not of a screenshot; text in a <canvas> is out of reach.
import type { Page } from 'playwright';
import { inject } from 'vitest';
import type { Audit, AuditOptions, Finding } from './geometry/types.ts';

const call = <T>(page: Page, name: string, ...args: readonly unknown[]): Promise<T> =>
  page.evaluate<T>(
    `(() => { ${inject('geometry')}; return geometry.${name}(${args
      .map((arg) => JSON.stringify(arg))
      .join(', ')}); })()`,
  );

/** Everything that is wrong with the texts of a page, as it is laid out now. Assert `texts` too: an empty page finds nothing. */
export const auditText = (page: Page, options: AuditOptions = {}): Promise<Audit> =>
  call(page, 'audit', options);

/** Whether the first element (CSS selector) lies inside of the second, give or take `tolerance` pixels. */
export async function isInside(
  page: Page,
  inner: string,
  outer: string,
  tolerance = 0.5,
): Promise<boolean> {
  const out = await call<number | null>(page, 'sticksOut', inner, outer);
  if (out === null) throw new Error(`no element for ${inner} or ${outer}`);
  return out <= tolerance;
}

/** One line each, for `expect(printFindings(findings)).toEqual([])`: a failure then reads by itself. */
export const printFindings = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ kind, text, at, detail }) => `${kind}: "${text}" at ${at}: ${detail}`);
