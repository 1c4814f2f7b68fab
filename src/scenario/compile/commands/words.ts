// A command line as words, with the quotes of a shell. No variables, no pipes: a scenario types one program.
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [, double, single, bare] of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g))
    words.push(double ?? single ?? bare ?? '');
  return words;
}
