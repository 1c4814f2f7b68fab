/** What a person did that we cannot take as it is: where, why, and what to do about it. */
export interface Diagnostic {
  /** `error`: nothing was built from it. `warning`: built, but this part is not modelled or looks wrong. */
  readonly severity: 'error' | 'warning';
  readonly place: Place;
  readonly reason: string;
  /** What would make it right, or null where nobody can know. */
  readonly fix: string | null;
}

/** A position in a document. Lines and columns count from 1. */
export interface Place {
  /** The document: `manifests`, `node-a iptables`, ... */
  readonly source: string;
  readonly line: number | null;
  readonly column: number | null;
}

export const at = (
  source: string,
  line: number | null = null,
  column: number | null = null,
): Place => ({ source, line, column });

export function printDiagnostic(d: Diagnostic): string {
  const where = [d.place.source, d.place.line, d.place.column]
    .filter((part) => part !== null)
    .join(':');
  return `${d.severity} ${where}: ${d.reason}${d.fix === null ? '' : ` (${d.fix})`}`;
}
