import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import { stepsOf } from '../../trace/steps/index.ts';
import { follow, LEGIBLE, start, type View, type Window } from './camera.ts';
import { pointAt } from './layout/travel.ts';
import { pictureOf, travelsFor } from './picture.ts';

const trace = sampleTrace();
const scene = pictureOf(trace);
const picture = { w: scene.width, h: scene.height };
const travels = travelsFor(trace, stepsOf(trace, 'overview'));

const seen = (view: View, win: Window, x: number, y: number): boolean => {
  const [px, py] = [x * view.zoom + view.x, y * view.zoom + view.y];
  return px >= 0 && py >= 0 && px <= win.w && py <= win.h;
};

describe('the camera', () => {
  it.each([
    ['desktop', 840, 600],
    ['embed', 440, 236],
    ['phone', 360, 180],
    ['small phone', 320, 160],
  ])('keeps the packet in a %s window, on its way too, with text of 12 px', (_, w, h) => {
    const win = { w, h };
    let view = start(picture, win, pointAt(travels[0]!.points, 1));
    for (const { points } of travels)
      for (let f = 0; f <= 1; f += 0.05) {
        const at = pointAt(points, f);
        view = follow(view, picture, win, at);
        expect(seen(view, win, at.x, at.y)).toBe(true);
        expect(view.zoom).toBeGreaterThanOrEqual(LEGIBLE);
      }
  });

  it('shows everything where it can be read', () => {
    const view = start(picture, { w: 1000, h: 700 }, { x: 0, y: 0 });
    expect(seen(view, { w: 1000, h: 700 }, 0, 0)).toBe(true);
    expect(seen(view, { w: 1000, h: 700 }, picture.w, picture.h)).toBe(true);
  });

  it('never loses a point of the picture, in any window', () => {
    const window = fc.record({
      w: fc.integer({ min: 240, max: 2400 }),
      h: fc.integer({ min: 140, max: 1400 }),
    });
    fc.assert(
      fc.property(
        window,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (win, a, b) => {
          const at = { x: a * picture.w, y: b * picture.h };
          const view = follow(start(picture, win, { x: 0, y: 0 }), picture, win, at);
          expect(seen(view, win, at.x, at.y)).toBe(true);
        },
      ),
    );
  });
});
