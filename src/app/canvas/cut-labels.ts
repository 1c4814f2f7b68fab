// Half a word tells nothing: labels that the map's window cuts, or that lie under what stands on it, are hidden until they are
// to be read whole.
// Imperative, once a frame at most, so that a camera move renders nothing.

const LABELS = '.react-flow__node :is(.box-label, .box-note)';
const ABOVE = '.react-flow__attribution, .map-controls button, .legend';

const touch = (a: DOMRect, b: DOMRect): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function mark(map: HTMLElement): void {
  const window = map.getBoundingClientRect();
  const labels = [...map.querySelectorAll<HTMLElement>(LABELS)];
  // All reads before all writes: one layout a pass.
  const above = [...map.querySelectorAll(ABOVE)].map((one) => one.getBoundingClientRect());
  const cut = labels.map((label) => {
    const box = label.getBoundingClientRect();
    return (
      above.some((one) => touch(box, one)) ||
      box.left < window.left ||
      box.right > window.right ||
      box.top < window.top ||
      box.bottom > window.bottom
    );
  });
  labels.forEach((label, i) => label.toggleAttribute('data-cut', cut[i] === true));
}

const waiting = new WeakSet<HTMLElement>();

/** Marks the cut labels of a map in the next frame, however often it is called before. */
export function cutLabels(map: HTMLElement | null): void {
  if (map === null || waiting.has(map)) return;
  waiting.add(map);
  requestAnimationFrame(() => {
    waiting.delete(map);
    mark(map);
  });
}
