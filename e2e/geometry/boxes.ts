// Arithmetic of boxes in viewport pixels.
import type { Box } from './types.ts';

export const boxOf = ({ left, top, right, bottom }: DOMRectReadOnly): Box => ({
  left,
  top,
  right,
  bottom,
});
export const width = (box: Box): number => box.right - box.left;
export const height = (box: Box): number => box.bottom - box.top;
export const isEmpty = (box: Box): boolean => width(box) <= 0 || height(box) <= 0;

export const intersect = (a: Box, b: Box): Box => ({
  left: Math.max(a.left, b.left),
  top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
});

/** How far `inner` sticks out of `outer`, at its worst side; negative when it lies inside. */
export const excess = (inner: Box, outer: Box): number =>
  Math.max(
    outer.left - inner.left,
    outer.top - inner.top,
    inner.right - outer.right,
    inner.bottom - outer.bottom,
  );
