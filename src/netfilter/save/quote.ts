// Words of a save line: iptables-restore's quoting (xshared.c add_param_to_argv) and iptables-save's (xtables_save_string).

/** Splits a line into words. Quotes end a word; a backslash escapes inside quotes only. Null: a quote is left open. */
export function splitWords(line: string): string[] | null {
  if (!line.includes('"')) return splitPlain(line);
  const words: string[] = [];
  let word = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quoted) {
      if (c === '\\') word += line[++i] ?? '';
      else if (c === '"') {
        quoted = false;
        words.push(word);
        word = '';
      } else word += c;
    } else if (c === '"') quoted = true;
    else if (c === ' ' || c === '\t') {
      if (word !== '') words.push(word);
      word = '';
    } else word += c;
  }
  if (quoted) return null;
  if (word !== '') words.push(word);
  return words;
}

function splitPlain(line: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let i = 0; i <= line.length; i++) {
    const c = i < line.length ? line.charCodeAt(i) : 32;
    if (c !== 32 && c !== 9) continue;
    if (i > start) words.push(line.slice(start, i));
    start = i + 1;
  }
  return words;
}

const BARE = /^[A-Za-z0-9_-]+$/;

/** Bare if it is made of letters, digits, `_` and `-`; else in quotes, with `"`, `'` and `\` escaped. */
export const quote = (text: string): string =>
  BARE.test(text) ? text : `"${text.replace(/["'\\]/g, '\\$&')}"`;
