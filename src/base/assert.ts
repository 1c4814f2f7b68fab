/** The end of an exhaustive switch. A new case that is not handled fails to compile here. */
export function assertNever(value: never, context = 'value'): never {
  throw new Error(`unhandled ${context}: ${JSON.stringify(value)}`);
}

/** A bug of ours, never a mistake of the user: it crashes the run, and the message must help to find it. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
