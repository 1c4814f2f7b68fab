// Keys of the player. They work while focus is inside of the app, without modifiers, and leave inputs, sliders and buttons their own.
import { useEffect, type RefObject } from 'react';
import type { PlayerStore } from '../store/player.ts';

type Action = 'toggle' | 'next' | 'previous' | 'first' | 'last';
const KEYS: Readonly<Record<string, Action>> = {
  ' ': 'toggle',
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowDown: 'next',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
};
const OWN_KEYS = 'input, select, textarea, [contenteditable], [role="slider"]';
const OWN_SPACE = 'button, a, summary, details';

/** What a key means at this place, or null: it belongs to somebody else. */
export function actionOf(
  event: Pick<
    KeyboardEvent,
    'key' | 'ctrlKey' | 'altKey' | 'metaKey' | 'shiftKey' | 'defaultPrevented'
  >,
  target: Element | null,
): Action | null {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)
    return null;
  const action = KEYS[event.key];
  if (action === undefined || target === null || target.closest(OWN_KEYS) !== null) return null;
  if (event.key === ' ' && target.closest(OWN_SPACE) !== null) return null;
  // Up and down scroll what can be scrolled.
  if (
    (event.key === 'ArrowUp' || event.key === 'ArrowDown') &&
    target.closest('[data-scrolls]') !== null
  )
    return null;
  return action;
}

export function useKeys(
  root: RefObject<HTMLElement | null>,
  player: PlayerStore,
  onEscape: () => void,
): void {
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const listen = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onEscape();
      const action = actionOf(event, event.target instanceof Element ? event.target : null);
      if (action === null || player.getState().trace === null) return;
      event.preventDefault();
      player.getState()[action]();
    };
    element.addEventListener('keydown', listen);
    return () => element.removeEventListener('keydown', listen);
  }, [root, player, onEscape]);
}
