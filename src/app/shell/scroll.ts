// Brings an element into view by scrolling its own container and nothing else: `scrollIntoView` would move the page, and an embed's host.
/** `toTop`: the element belongs at the upper edge, because what it holds is to be read. */
export function keepInView(
  container: HTMLElement,
  element: HTMLElement,
  axis: 'x' | 'y',
  toTop = false,
): void {
  const outer = container.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (axis === 'x') {
    if (inner.left >= outer.left && inner.right <= outer.right) return;
    const middle = (outer.width - inner.width) / 2;
    container.scrollLeft += inner.left - outer.left - middle;
    return;
  }
  const room = Math.min(outer.height / 4, 96);
  if (toTop) container.scrollTop += inner.top - outer.top;
  else if (inner.top < outer.top + 4) container.scrollTop += inner.top - outer.top - room;
  else if (inner.bottom > outer.bottom - 4)
    container.scrollTop += Math.min(inner.bottom - outer.bottom + room, inner.top - outer.top);
}
