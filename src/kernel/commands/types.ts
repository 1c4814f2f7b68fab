// What a command of the registry is given, and what it says.
import type { Kernel, Netns } from '../types.ts';
import type { ShellCommand } from './shell.ts';

/** null: done. Else what it could not do, as the tool would say it. */
export type Command = (
  k: Kernel,
  ns: Netns,
  words: readonly string[],
  shell: ShellCommand,
) => string | null;
