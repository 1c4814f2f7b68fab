// Where the camera looks. If the whole picture fits with text of at least 12 px it shows all of it; else it shows a part at that size
// and keeps the packet in the middle of it. Pure: the same picture, window and packet give the same view.
import type { Point, Rect } from './layout/types.ts';

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}
export interface Window {
  readonly w: number;
  readonly h: number;
}

/** Text of the picture is 12 px at this zoom. */
export const LEGIBLE = 1;
const LARGEST = 1.6;
const MARGIN = 14;
/** What packet and badge need above the uppermost box. */
const HEADROOM = 22;

/** The zoom at which everything is in the window. */
export const fitZoom = (picture: Window, win: Window): number =>
  Math.min((win.w - 2 * MARGIN) / picture.w, (win.h - MARGIN - HEADROOM) / picture.h);

export const fits = (picture: Window, win: Window): boolean => fitZoom(picture, win) >= LEGIBLE;

/** Everything, in the middle. */
export function whole(picture: Window, win: Window): View {
  const zoom = Math.min(LARGEST, fitZoom(picture, win));
  return {
    x: (win.w - picture.w * zoom) / 2,
    y: Math.max(HEADROOM, (win.h - picture.h * zoom) / 2),
    zoom,
  };
}

/** A part at legible size, with `at` near the middle, and no empty space shown where there is picture. */
export function closeUp(picture: Window, win: Window, at: Point, zoom = LEGIBLE): View {
  return {
    x: axis(win.w, picture.w * zoom, at.x * zoom, MARGIN),
    y: axis(win.h, picture.h * zoom, at.y * zoom, HEADROOM),
    zoom,
  };
}

function axis(window: number, size: number, at: number, margin: number): number {
  if (size + 2 * margin <= window) return (window - size) / 2;
  return Math.min(margin, Math.max(window - size - margin, window / 2 - at));
}

/** Moves the view as little as needed for `at` to be in its central part. */
export function follow(view: View, picture: Window, win: Window, at: Point): View {
  const px = at.x * view.zoom + view.x;
  const py = at.y * view.zoom + view.y;
  const safe: Rect = { x: win.w * 0.2, y: win.h * 0.25, w: win.w * 0.6, h: win.h * 0.5 };
  if (px >= safe.x && px <= safe.x + safe.w && py >= safe.y && py <= safe.y + safe.h) return view;
  return closeUp(picture, win, at, view.zoom);
}

/** The view for a window, before anything moved. */
export const start = (picture: Window, win: Window, at: Point): View =>
  fits(picture, win) ? whole(picture, win) : closeUp(picture, win, at);
