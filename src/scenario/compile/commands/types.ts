// A command that a scenario may type in a pod: its words in, one flow out.
import type { Result } from '../../../base/result.ts';
import type { IpFamily } from '../../../kube/families.ts';
import type { FlowSpec } from '../../../network/types.ts';

export interface CommandMistake {
  readonly reason: string;
  readonly fix: string | null;
}
export interface CommandContext {
  /** The final answer of the resolver, or null. `family`: only an address of it (`-4`, `-6`). */
  resolve(host: string, family: IpFamily | null): string | null;
}
export type CommandFlow = Pick<
  FlowSpec,
  | 'proto'
  | 'dst'
  | 'dport'
  | 'request'
  | 'request_bytes'
  | 'timeout_ms'
  | 'process'
  | 'ttl'
  | 'payload'
  | 'count'
>;
/** `args` are the words after the command's name. */
export type Command = (
  args: readonly string[],
  context: CommandContext,
) => Result<CommandFlow, CommandMistake>;
