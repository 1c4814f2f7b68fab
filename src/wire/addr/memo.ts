// Texts of addresses are asked for again and again; a journey has few different ones.

const LIMIT = 4096;

/** The same function, which remembers what it said. Forgets all when it has seen too many. */
export function memo<Key, Text>(make: (key: Key) => Text): (key: Key) => Text {
  const known = new Map<Key, Text>();
  return (key) => {
    let text = known.get(key);
    if (text === undefined) {
      if (known.size >= LIMIT) known.clear();
      text = make(key);
      known.set(key, text);
    }
    return text;
  };
}
