// Words of a save line: iptables-restore's quoting (xshared.c add_param_to_argv) and iptables-save's (xtables_save_string).

const TAB = 9;
const SPACE = 32;

/** Splits a line into words. Quotes end a word; a backslash escapes inside quotes only. Null: a quote is left open. */
export function splitWords(text: string): string[] | null {
  const line = text.includes('\t') ? blankTabs(text) : text;
  const words: string[] = [];
  const end = line.length;
  let quoteAt = line.indexOf('"');
  for (let i = 0; i < end;) {
    if (line.charCodeAt(i) === SPACE) {
      i++;
      continue;
    }
    const space = line.indexOf(' ', i);
    const stop = space < 0 ? end : space;
    if (quoteAt < 0 || quoteAt > stop) {
      words.push(line.slice(i, stop));
      i = stop + 1;
      continue;
    }
    const close = closingQuote(line, quoteAt + 1);
    if (close < 0) return null;
    const inside = line.slice(quoteAt + 1, close);
    const plain = inside.includes('\\') ? inside.replace(/\\(.?)/gs, '$1') : inside;
    words.push(quoteAt === i ? plain : line.slice(i, quoteAt) + plain);
    i = close + 1;
    quoteAt = line.indexOf('"', i);
  }
  return words;
}

/** Tabs between words are spaces; in quotes they stay. */
function blankTabs(line: string): string {
  let quoted = false;
  let blanked = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quoted && c === '\\') blanked += c + (line[++i] ?? '');
    else {
      if (c === '"') quoted = !quoted;
      blanked += !quoted && c.charCodeAt(0) === TAB ? ' ' : c;
    }
  }
  return blanked;
}

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
