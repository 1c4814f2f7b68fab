// The geometry checks themselves, on small pages that are right or wrong in one respect. A check that is wrong here would let a bad
// page pass or a good one fail.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { auditText, isInside } from './geometry.ts';
import type { AuditOptions } from './geometry/types.ts';
import { newPage } from './harness/page.ts';

const STYLE = '<style>body { margin: 20px; font: 16px/1.4 sans-serif; }</style>';

async function show(body: string): Promise<Page> {
  const { page } = await newPage({ viewport: { width: 800, height: 600 } });
  await page.setContent(`<!doctype html>${STYLE}<body>${body}</body>`);
  return page;
}

/** The findings on a page, as `kind: text`. */
async function check(body: string, options?: AuditOptions): Promise<readonly string[]> {
  const { texts, findings } = await auditText(await show(body), options);
  expect(texts).toBeGreaterThan(0);
  return findings.map(({ kind, text }) => `${kind}: ${text}`);
}

const LONG = 'KUBE-SVC-ERIFXISQEP7F7OF4';
const cut = (style: string, text = LONG): string =>
  `<div style="width: 80px; white-space: nowrap; ${style}">${text}</div>`;

describe('clipped text', () => {
  it.each([
    ['overflow hidden', cut('overflow: hidden')],
    ['overflow clip', cut('overflow: clip')],
    ['an ellipsis', cut('overflow: hidden; text-overflow: ellipsis')],
    ['an ancestor', `<div style="width: 80px; overflow: hidden">${cut('overflow: visible')}</div>`],
    ['too low a box', `<div style="height: 10px; overflow: hidden">${LONG}</div>`],
    [
      'nothing left to see',
      `<div style="width: 90px; overflow: hidden"><p style="margin-left: 100px; white-space: nowrap">${LONG}</p></div>`,
    ],
    ['an SVG that is too small', `<svg width="60" height="30"><text y="20">${LONG}</text></svg>`],
    [
      'a box below a scaled one',
      `<div style="transform: scale(1.5); transform-origin: 0 0">${cut('overflow: hidden')}</div>`,
    ],
    ['scrolls up and down only', cut('overflow-x: hidden; overflow-y: auto; height: 40px')],
    [
      'an absolute child of a positioned box',
      `<div style="position: relative; width: 80px; height: 40px; overflow: hidden"><span style="position: absolute; left: 40px; white-space: nowrap">${LONG}</span></div>`,
    ],
  ])('is found: %s', async (_, body) => {
    expect(await check(body)).toEqual([`clipped: ${LONG}`]);
  });

  it('is found inside of a shadow root', async () => {
    const page = await show('<div id="host"></div>');
    await page.evaluate((html) => {
      const root = document.querySelector('#host')?.attachShadow({ mode: 'open' });
      if (root) root.innerHTML = html;
    }, cut('overflow: hidden'));
    expect((await auditText(page)).findings.map(({ kind }) => kind)).toEqual(['clipped']);
  });

  it.each([
    ['it fits', cut('overflow: hidden', 'veth')],
    ['overflow is visible', cut('')],
    [
      'it wraps',
      `<div style="width: 80px; overflow: hidden; overflow-wrap: anywhere">${LONG}</div>`,
    ],
    ['it can be scrolled to', cut('overflow: auto')],
    [
      'a fixed child escapes',
      `<div style="width: 80px; height: 40px; overflow: hidden"><span style="position: fixed; white-space: nowrap">${LONG}</span></div>`,
    ],
    [
      'an absolute child escapes',
      `<div style="width: 80px; height: 40px; overflow: hidden"><span style="position: absolute; white-space: nowrap">${LONG}</span></div>`,
    ],
    [
      'a popover escapes',
      `<div style="width: 80px; height: 40px; overflow: hidden">pod<div id="p" popover>${LONG}</div></div><script>p.showPopover()</script>`,
    ],
    [
      'a line box is a bit too high',
      '<div style="font-size: 20px; line-height: 1; height: 20px; overflow: hidden">aces</div>',
    ],
    [
      'it is for screen readers only',
      `<p>seen</p><span style="position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap">${LONG}</span>`,
    ],
    ['a panel is folded up', `<p>seen</p><div style="height: 0; overflow: hidden">${LONG}</div>`],
    ['it is not displayed', `<p>seen</p><div hidden style="width: 10px">${LONG}</div>`],
    ['it is transparent', `<p>seen</p>${cut('overflow: hidden; opacity: 0')}`],
  ])('is not claimed where %s', async (_, body) => {
    expect(await check(body)).toEqual([]);
  });

  it('is not claimed where a canvas pans, if the canvas is named as a window', async () => {
    const body = `<div class="canvas" style="width: 80px; height: 90px; overflow: hidden">${cut('')}</div>`;
    expect(await check(body)).toEqual([`clipped: ${LONG}`]);
    expect(await check(body, { windows: '.canvas' })).toEqual([]);
  });

  it('is found in a node of a canvas all the same', async () => {
    const body = `<div class="canvas" style="width: 800px; height: 90px; overflow: hidden">${cut('overflow: hidden')}</div>`;
    expect(await check(body, { windows: '.canvas' })).toEqual([`clipped: ${LONG}`]);
  });
});

const at = (x: number, y: number, text: string, style = ''): string =>
  `<div style="position: absolute; left: ${x}px; top: ${y}px; ${style}">${text}</div>`;

describe('overlapping texts', () => {
  it.each([
    ['two labels', at(20, 20, 'eth0') + at(30, 25, 'cni0')],
    [
      'labels that cannot be clicked',
      at(20, 20, 'eth0', 'pointer-events: none') + at(30, 25, 'cni0', 'pointer-events: none'),
    ],
    [
      'SVG labels',
      '<svg width="300" height="60"><text x="5" y="30">eth0</text><text x="15" y="34">cni0</text></svg>',
    ],
    [
      'a background that can be seen through',
      at(20, 20, 'eth0') + at(30, 25, 'cni0', 'background: rgb(255 255 255 / 30%)'),
    ],
    ['lines of one label that are too close', at(20, 20, 'bygjp<br>BHGJP', 'line-height: 0.5')],
    [
      'a label below a transform',
      at(20, 20, 'eth0') + at(0, 0, 'cni0', 'transform: translate(30px, 25px)'),
    ],
  ])('are found: %s', async (_, body) => {
    expect(await check(body)).toEqual([expect.stringMatching(/^overlap: /)]);
  });

  it.each([
    ['they stand side by side', at(20, 20, 'eth0') + at(70, 20, 'cni0')],
    [
      'they stand below one another',
      '<p style="margin: 0; line-height: 1">BHgjp</p><p style="margin: 0; line-height: 1">BHgjp</p>',
    ],
    ['they follow on one line', 'to <b>10.96.0.10</b>:<i>53</i>, <span>then</span> on'],
    [
      'an opaque card covers one',
      at(20, 20, 'eth0') + at(10, 10, 'cni0', 'background: white; padding: 20px'),
    ],
    [
      "the background is the parent's",
      at(20, 20, 'eth0') + at(10, 10, '<span>cni0</span>', 'background: white; padding: 20px'),
    ],
    [
      'an SVG label has a plate',
      '<svg width="300" height="60"><text x="5" y="30">eth0</text><rect width="80" height="50" fill="white"/><text x="15" y="34">cni0</text></svg>',
    ],
    [
      'one is scrolled out of sight',
      `<div style="height: 30px; overflow: auto">one<p style="margin-top: 30px">two</p></div>${at(28, 70, 'three')}`,
    ],
    [
      'a modal dialog lies above',
      `${at(370, 285, 'eth0 eth0')}<dialog id="d">cni0 cni0 cni0</dialog><script>d.showModal()</script>`,
    ],
  ])('are not claimed where %s', async (_, body) => {
    expect(await check(body)).toEqual([]);
  });
});

describe('small text', () => {
  it.each([
    ['by its font size', '<small style="font-size: 11px">note</small>'],
    ['by a transform', '<div style="transform: scale(0.7)">note</div>'],
    ['by the scale property', '<div style="scale: 0.7">note</div>'],
    ['by zoom', '<div style="zoom: 0.7">note</div>'],
    [
      'by transforms one in another',
      '<div style="transform: scale(0.85)"><div style="transform: scale(0.85)">note</div></div>',
    ],
    [
      'by the viewBox of an SVG',
      '<svg width="100" height="50" viewBox="0 0 200 100"><text y="40">note</text></svg>',
    ],
    [
      'by a group of an SVG',
      '<svg width="200" height="50"><g transform="scale(0.5)"><text y="40">note</text></g></svg>',
    ],
    [
      'by a transform around an SVG',
      '<div style="transform: scale(0.7)"><svg width="200" height="50"><text y="40">note</text></svg></div>',
    ],
    [
      'in HTML inside of an SVG',
      '<svg width="100" height="50" viewBox="0 0 200 100"><foreignObject width="200" height="100"><p>note</p></foreignObject></svg>',
    ],
  ])('is found: %s', async (_, body) => {
    expect(await check(body)).toEqual(['small: note']);
  });

  it.each([
    ['12 px', '<small style="font-size: 12px">note</small>'],
    [
      'small, then scaled up',
      '<div style="font-size: 8px; transform: scale(1.5); transform-origin: 0 0">note</div>',
    ],
    [
      'an SVG that is scaled up',
      '<svg width="400" height="200" viewBox="0 0 200 100"><text y="40" font-size="6">note</text></svg>',
    ],
    ['turned', '<div style="transform: rotate(90deg); width: 60px; margin: 60px">note</div>'],
  ])('is not claimed: %s', async (_, body) => {
    expect(await check(body)).toEqual([]);
  });

  it('has a limit that can be set', async () => {
    expect(await check('<p>note</p>', { minimumFontSize: 18 })).toEqual(['small: note']);
  });
});

describe('what is looked at', () => {
  it('can be narrowed', async () => {
    const body = `<main>${cut('overflow: hidden')}</main><aside>${cut('overflow: hidden', 'MASQUERADE-ALL')}</aside>`;
    expect(await check(body, { within: 'main' })).toEqual([`clipped: ${LONG}`]);
    expect(await check(body, { except: 'main' })).toEqual(['clipped: MASQUERADE-ALL']);
  });

  it('leaves the page as it was', async () => {
    const page = await show(at(20, 20, 'eth0', 'pointer-events: none') + at(30, 25, 'cni0'));
    await auditText(page);
    expect(
      await page.evaluate(() => [
        document.adoptedStyleSheets.length,
        document.querySelector('div') &&
          getComputedStyle(document.querySelector('div')!).pointerEvents,
      ]),
    ).toEqual([0, 'none']);
  });
});

describe('isInside', () => {
  it('compares boxes', async () => {
    const page = await show(
      `<div id="out" style="width: 100px; height: 50px"><p id="in" style="margin: 0">a</p><p id="wide" style="margin: 0; width: 120px">b</p></div>`,
    );
    expect(await isInside(page, '#in', '#out')).toBe(true);
    expect(await isInside(page, '#wide', '#out')).toBe(false);
    expect(await isInside(page, '#wide', '#out', 20)).toBe(true);
    await expect(isInside(page, '#none', '#out')).rejects.toThrow('no element');
  });
});
