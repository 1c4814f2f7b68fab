// The tree as it is painted: shadow roots opened, slots filled.

export function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot;
  if (element.parentElement !== null) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

export function contains(outer: Element, inner: Element): boolean {
  for (let at: Element | null = inner; at !== null; at = parentOf(at))
    if (at === outer) return true;
  return false;
}

export function closest(element: Element, selector: string): Element | null {
  for (let at: Element | null = element; at !== null; at = parentOf(at))
    if (at.matches(selector)) return at;
  return null;
}

/** `main > div.panel > p`: enough to find it again. */
export function pathOf(element: Element): string {
  const parts: string[] = [];
  for (let at: Element | null = element; at !== null && parts.length < 4; at = parentOf(at)) {
    const id = at.id === '' ? '' : `#${at.id}`;
    const name = [...at.classList]
      .slice(0, 2)
      .map((one) => `.${one}`)
      .join('');
    parts.unshift(`${at.localName}${id}${id === '' ? name : ''}`);
    if (id !== '') break;
  }
  return parts.join(' > ');
}

/** In the top layer nothing above in the tree clips or moves it. */
export const inTopLayer = (element: Element): boolean => element.matches(':modal, :popover-open');
