// The registry of commands that `run` steps may type. To add one: a file that turns words into a flow, and one line here.
// The name is the first word of the command line.
import { curl } from './curl.ts';
import { ping } from './ping.ts';
import type { Command } from './types.ts';

export const commands = { curl, ping } as const satisfies Readonly<Record<string, Command>>;

export const commandOf = (name: string): Command | null =>
  Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : null;
