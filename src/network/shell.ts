// Words of a POSIX shell line. Names and addresses of a network come from a person's document, and the script may be run as root:
// whatever is not plainly a word is quoted.

/** One argument, quoted where the shell would read more into it. */
export function word(value: string | number): string {
  const text = String(value);
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `key value`, or nothing where there is no value. */
export const option = (key: string, value: string | number | undefined | null): string =>
  value === undefined || value === null ? '' : `${key} ${word(value)}`;

/** Parts of a line; empty ones are left out. */
export const line = (...parts: readonly (string | number)[]): string =>
  parts.filter((part) => part !== '').join(' ');

/** A here-document, whose end mark is a line that the text has not. */
export function hereDocument(command: string, text: string): string {
  const lines = text.replace(/\n+$/, '');
  let mark = 'END';
  while (lines.split('\n').includes(mark)) mark += '_';
  return `${command} <<'${mark}'\n${lines}\n${mark}`;
}

/** ip(8) guesses the family of a command from its first address; where that is `default`, it must be told. */
export const family = (...addresses: readonly (string | undefined)[]): string =>
  addresses.some((one) => one?.includes(':') === true) ? '-6' : '';
