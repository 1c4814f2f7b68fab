// Brings an element into view by scrolling its own container and nothing else: `scrollIntoView` would move the page, and an embed's host.
export function keepInView(
  container: HTMLElement,
  element: HTMLElement,
  axis: 'x' | 'y',
  smooth = false,
): void {
  const outer = container.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const behavior = smooth ? 'smooth' : 'auto';
  if (axis === 'x') {
    if (inner.left >= outer.left && inner.right <= outer.right) return;
    container.scrollTo({
      left: container.scrollLeft + inner.left - outer.left - (outer.width - inner.width) / 2,
      behavior,
    });
    return;
  }
  const room = Math.min(outer.height / 4, 96);
  if (inner.top >= outer.top + 4 && inner.bottom <= outer.bottom - 4) return;
  const delta =
    inner.height > outer.height - room
      ? inner.top - outer.top - 4
      : inner.top < outer.top + 4
        ? inner.top - outer.top - room
        : inner.bottom - outer.bottom + room;
  container.scrollTo({ top: container.scrollTop + delta, behavior });
}
