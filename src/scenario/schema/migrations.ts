// Old documents, lifted one version at a time. To add one: write it here, with an input and an output in migrations.test.ts.
// Every version below the current one has exactly one entry, so every document ever written still opens.

export interface Migration {
  /** The version that it takes; it yields the next one. */
  readonly from: number;
  up(document: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

export const migrations: readonly Migration[] = [];

/** `list` is a parameter for tests: version 1 has nothing to migrate from. */
export function migrate(
  document: Readonly<Record<string, unknown>>,
  to: number,
  list: readonly Migration[] = migrations,
): Record<string, unknown> {
  let current = { ...document };
  while (typeof current['version'] === 'number' && current['version'] < to) {
    const step = list.find((migration) => migration.from === current['version']);
    if (step === undefined) break;
    current = { ...step.up(current), version: step.from + 1 };
  }
  return current;
}
