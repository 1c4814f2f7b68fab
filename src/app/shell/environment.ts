// What the page asks of the browser: how much room there is, and whether motion is welcome.
import { useSyncExternalStore } from 'react';

export type Layout = 'wide' | 'compact' | 'phone';
const WIDE = '(min-width: 1200px)';
const PHONE = '(max-width: 599px)';
const REDUCED = '(prefers-reduced-motion: reduce)';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    () => window.matchMedia(query).matches,
    () => false,
  );
}

export function useLayout(): Layout {
  const wide = useMedia(WIDE);
  const phone = useMedia(PHONE);
  return wide ? 'wide' : phone ? 'phone' : 'compact';
}

export const prefersReducedMotion = (): boolean => window.matchMedia(REDUCED).matches;
