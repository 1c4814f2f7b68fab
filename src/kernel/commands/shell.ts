// A command line as a shell splits it: words with quotes, commands between `;`, `&&`, `||` and newlines, here-documents and
// `> file` (bash(1)). Variables, loops and pipes are not modelled; a line that has them is named.
export interface ShellCommand {
  /** As it was typed. */
  readonly text: string;
  readonly words: readonly string[];
  /** Text of a here-document or here-string. */
  readonly input: string | null;
  /** Target of `>`. */
  readonly output: string | null;
}

const OPERATORS = ['&&', '||', ';', '\n', '|', '&'];

interface Raw {
  words: string[];
  text: string;
  heredoc: string | null;
  input: string | null;
  output: string | null;
}
const fresh = (): Raw => ({ words: [], text: '', heredoc: null, input: null, output: null });

/** One word from `at`: quotes are taken off. */
function word(text: string, at: number): { readonly value: string; readonly end: number } {
  let value = '';
  let i = at;
  for (let quote = ''; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === quote) quote = '';
      else if (c === '\\' && quote === '"') value += text[++i] ?? '';
      else value += c;
    } else if (c === "'" || c === '"') quote = c;
    else if (c === '\\') value += text[++i] === '\n' ? '' : (text[i] ?? '');
    else if (/[\s;|&<>]/.test(c)) break;
    else value += c;
  }
  return { value, end: i };
}

export function shellCommands(text: string): readonly ShellCommand[] {
  const done: ShellCommand[] = [];
  let now = fresh();
  const finish = (): void => {
    if (now.words.length > 0) done.push({ ...now, text: now.text.trim() });
    now = fresh();
  };
  for (let i = 0; i < text.length;) {
    const operator = OPERATORS.find((o) => text.startsWith(o, i));
    if (operator !== undefined) {
      i += operator.length;
      if (operator === '\n' && now.heredoc !== null) {
        const mark = now.heredoc;
        const lines = text.slice(i).split('\n');
        const end = lines.findIndex((line) => line.trim() === mark);
        const body = lines.slice(0, end < 0 ? lines.length : end);
        now.input = `${body.join('\n')}\n`;
        i += body.join('\n').length + 1 + mark.length;
      }
      finish();
    } else if (text.startsWith('<<<', i)) {
      const w = word(text, i + 3 + (/^\s*/.exec(text.slice(i + 3))?.[0].length ?? 0));
      now.input = `${w.value}\n`;
      i = w.end;
    } else if (text.startsWith('<<', i)) {
      const skip = /^<<-?\s*/.exec(text.slice(i))?.[0].length ?? 2;
      const w = word(text, i + skip);
      now.heredoc = w.value;
      i = w.end;
    } else if (/^\d?>/.test(text.slice(i, i + 2)) && now.words.length > 0) {
      const skip = /^\d?>+&?\s*/.exec(text.slice(i))?.[0] ?? '>';
      const w = word(text, i + skip.length);
      if (!skip.startsWith('2') && w.value !== '/dev/null') now.output = w.value;
      i = w.end;
    } else if (text.startsWith('\\\n', i)) i += 2;
    else if (/\s/.test(text[i]!)) {
      now.text += text[i];
      i++;
    } else if (text[i] === '#' && now.words.length === 0) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else {
      const w = word(text, i);
      now.words.push(w.value);
      now.text += text.slice(i, w.end);
      i = Math.max(w.end, i + 1);
    }
  }
  finish();
  return done;
}

/** `dev eth0 mtu 1400` as pairs; words in `flags` stand alone, the first of another kind is `''`. */
export function keywords(
  words: readonly string[],
  flags: readonly string[] = [],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const name = words[i]!;
    if (flags.includes(name)) found.set(name, '');
    else found.set(name, words[++i] ?? '');
  }
  return found;
}
