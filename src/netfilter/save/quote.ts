// Words of a save line: iptables-restore's quoting (xshared.c add_param_to_argv) and iptables-save's (xtables_save_string).

/** Splits a line into words. Quotes end a word; a backslash escapes inside quotes only. Null: a quote is left open. */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  const end = line.length;
  for (let i = 0; i < end;) {
    const c = line.charCodeAt(i);
    if (c === SPACE || c === TAB) {
      i++;
      continue;
    }
    let stop = i;
    let code = c;
    while (stop < end && (code = line.charCodeAt(stop)) !== SPACE && code !== TAB && code !== QUOTE)
      stop++;
    if (stop === end || code !== QUOTE) {
      words.push(line.slice(i, stop));
      i = stop;
      continue;
    }
    const close = closingQuote(line, stop + 1);
    if (close < 0) return null;
    const inside = line.slice(stop + 1, close);
    const plain = inside.includes('\\') ? inside.replace(/\\(.?)/gs, '$1') : inside;
    words.push(stop === i ? plain : line.slice(i, stop) + plain);
    i = close + 1;
  }
  return words;
}
const SPACE = 32;
const TAB = 9;
const QUOTE = 34;

/** Where the quote ends that `from` is behind; -1: nowhere. */
function closingQuote(line: string, from: number): number {
  let close = line.indexOf('"', from);
  const escape = line.indexOf('\\', from);
  if (escape < 0 || escape > close) return close;
  for (close = from; close < line.length; close++) {
    const c = line[close];
    if (c === '"') return close;
    if (c === '\\') close++;
  }
  return -1;
}

const BARE = /^[A-Za-z0-9_-]+$/;

/** Bare if it is made of letters, digits, `_` and `-`; else in quotes, with `"`, `'` and `\` escaped. */
export const quote = (text: string): string =>
  BARE.test(text) ? text : `"${text.replace(/["'\\]/g, '\\$&')}"`;
