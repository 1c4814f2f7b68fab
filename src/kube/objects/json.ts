// JSON is YAML, but `kubectl get -o json` prints a lot of it, and a parser of JSON is many times faster than one of YAML. The platform's
// parser gives the value; a scan beside it remembers where fields stand. What is not plain JSON is left to the YAML parser.
import type { YamlDocument } from './yaml.ts';
import { at } from '../../base/diagnostic.ts';

/** A value: where it stands, and where the fields of a mapping or the items of a list do. */
interface Spot {
  /** Of its key, or of the value itself where it has none. */
  readonly at: number;
  readonly fields: ReadonlyMap<string, Spot> | null;
  readonly items: readonly Spot[] | null;
}

/** null: this is no JSON document that YAML would read in the same way (or it is one that needs a diagnostic). */
export function readJson(text: string, source: string, maxDepth: number): YamlDocument | null {
  if (!/^\s*[[{]/.test(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const root = scan(text, maxDepth);
  if (root === null) return null;
  const starts = lineStarts(text);
  return {
    value,
    place(path) {
      const offset = offsetOf(root, path);
      const line = lineOf(starts, offset);
      return at(source, line + 1, offset - (starts[line] ?? 0) + 1);
    },
    block: () => null,
  };
}

function offsetOf(root: Spot, path: readonly PropertyKey[]): number {
  let spot = root;
  for (const part of path) {
    const next = spot.items === null ? spot.fields?.get(String(part)) : spot.items[Number(part)];
    if (next === undefined) break;
    spot = next;
  }
  return spot.at;
}

/** The text is known to be JSON. null: a key stands twice, is YAML's merge key, or values are nested too deeply. */
function scan(text: string, maxDepth: number): Spot | null {
  let i = 0;
  let fine = true;
  const skipSpace = (): void => {
    while (text.charCodeAt(i) <= 32) i++;
  };
  /** From the opening quote to behind the closing one. */
  const skipString = (): void => {
    for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
    i++;
  };
  const key = (): string => {
    const start = i;
    skipString();
    const raw = text.slice(start + 1, i - 1);
    return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
  };
  const read = (own: number | null, depth: number): Spot => {
    skipSpace();
    const start = own ?? i;
    const open = text[i];
    if (open === '"') skipString();
    else if (open === '{' || open === '[') {
      fine &&= depth < maxDepth;
      if (!fine) return { at: start, fields: null, items: null };
      return open === '{' ? mapping(start, depth) : list(start, depth);
    } else while (!/[\s,\]}]/.test(text[i] ?? '}')) i++;
    return { at: start, fields: null, items: null };
  };
  const mapping = (start: number, depth: number): Spot => {
    const fields = new Map<string, Spot>();
    i++;
    skipSpace();
    while (fine && text[i] !== '}') {
      const offset = i;
      const name = key();
      fine &&= !fields.has(name) && name !== '<<';
      skipSpace();
      i++;
      fields.set(name, read(offset, depth + 1));
      skipSpace();
      if (text[i] === ',') i++;
      skipSpace();
    }
    i++;
    return { at: start, fields, items: null };
  };
  const list = (start: number, depth: number): Spot => {
    const items: Spot[] = [];
    i++;
    skipSpace();
    while (fine && text[i] !== ']') {
      items.push(read(null, depth + 1));
      skipSpace();
      if (text[i] === ',') i++;
      skipSpace();
    }
    i++;
    return { at: start, fields: null, items };
  };
  const root = read(null, 0);
  return fine ? root : null;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

/** The last line that begins at or before the offset, from 0. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
