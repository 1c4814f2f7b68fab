import { beforeEach, describe, expect, it } from 'vitest';
import { actionOf } from './keys.ts';

const none = {
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  defaultPrevented: false,
};
const press = (key: string, target: Element, more: Partial<typeof none> = {}) =>
  actionOf({ key, ...none, ...more }, target);

describe('keys of the player', () => {
  let place: HTMLElement;
  beforeEach(() => {
    document.body.innerHTML =
      '<div id="map"></div><button id="b">x</button><input id="i" type="range"><select id="s"></select><div data-scrolls><p id="l"></p></div>';
    place = document.getElementById('map')!;
  });
  const at = (id: string): HTMLElement => document.getElementById(id)!;

  it.each([
    [' ', 'toggle'],
    ['ArrowRight', 'next'],
    ['ArrowLeft', 'previous'],
    ['Home', 'first'],
    ['End', 'last'],
  ])('%j is %s', (key, action) => expect(press(key, place)).toBe(action));

  it('leaves inputs, sliders and lists their own keys', () => {
    for (const key of [' ', 'ArrowRight', 'Home'])
      for (const id of ['i', 's']) expect(press(key, at(id))).toBeNull();
    expect(press(' ', at('b'))).toBeNull();
    expect(press('ArrowRight', at('b'))).toBe('next');
    expect(press('ArrowDown', at('l'))).toBeNull();
  });

  it('leaves keys with modifiers, and keys that somebody took, alone', () => {
    for (const more of [
      { ctrlKey: true },
      { altKey: true },
      { metaKey: true },
      { shiftKey: true },
      { defaultPrevented: true },
    ])
      expect(press('ArrowRight', place, more)).toBeNull();
    expect(press('x', place)).toBeNull();
  });
});
