// A bounded memory: what was asked for longest ago is forgotten first.

export interface Lru<Key, Value> {
  /** What is kept under the key, made now if nothing is. */
  get(key: Key, make: (key: Key) => Value): Value;
  readonly size: number;
}

/** Keeps at most `limit` values. For values that do not change. */
export function createLru<Key, Value>(limit: number): Lru<Key, Value> {
  // A Map lists its keys in the order in which they came.
  const kept = new Map<Key, { readonly value: Value }>();
  return {
    get(key, make) {
      const entry = kept.get(key) ?? { value: make(key) };
      kept.delete(key);
      kept.set(key, entry);
      if (kept.size > limit)
        for (const oldest of kept.keys()) {
          kept.delete(oldest);
          break;
        }
      return entry.value;
    },
    get size() {
      return kept.size;
    },
  };
}
