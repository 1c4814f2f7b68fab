import { expect, it } from 'vitest';
import { createLru } from './lru.ts';

function counting(limit: number) {
  const made: string[] = [];
  const lru = createLru<string, string>(limit);
  const ask = (key: string): string =>
    lru.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  return { lru, made, ask };
}

it('makes a value once, as long as it is asked for', () => {
  const { made, ask } = counting(2);
  expect(['a', 'b', 'a', 'b', 'a'].map(ask)).toEqual(['A', 'B', 'A', 'B', 'A']);
  expect(made).toEqual(['a', 'b']);
});

it('forgets first what was asked for longest ago, and never keeps more than its bound', () => {
  const { lru, made, ask } = counting(2);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b', 'd', 'e', 'f']) {
    ask(key);
    expect(lru.size).toBeLessThanOrEqual(2);
  }
  expect(made).toEqual(['a', 'b', 'c', 'b', 'd', 'e', 'f']);
});

it('keeps nothing of a value that could not be made', () => {
  const { lru } = counting(2);
  const fail = (): string => {
    throw new Error('no');
  };
  expect(() => lru.get('a', fail)).toThrow('no');
  expect(lru.size).toBe(0);
  expect(lru.get('a', () => 'A')).toBe('A');
});
