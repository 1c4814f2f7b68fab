// Comparing what a compiled node holds with the iptables-save output of a real one.
import { expect } from 'vitest';
import { applyOps } from '../kube/apply.ts';
import { newNamespace } from '../kube/machine-ops.ts';
import { opsBy } from '../kube/ops.ts';
import type { NetOp } from '../kube/ops.ts';

/** Lines of each table; counters and comments of the program left out. */
function tablesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>();
  let table: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) tables.set(line, (table = []));
    else if (line !== '' && line !== 'COMMIT' && !line.startsWith('#')) table.push(line);
  }
  return tables;
}

/** A table that nobody has touched: iptables-save shows it where its module is loaded. */
const isBare = (lines: readonly string[]): boolean => lines.every((line) => / ACCEPT /.test(line));

/** The text that the rules among these operations leave behind on `node`. */
export function savedAfter(
  ops: readonly NetOp[],
  node = 'node-a',
  family: 'ipv4' | 'ipv6' = 'ipv4',
): string {
  const rules = ops.filter(
    (op) => op.ns === node && (op.op === 'iptables' || op.op.startsWith('ipset')),
  );
  const made = opsBy('operator', node, null, newNamespace('node', node, ['IPv4', 'IPv6']));
  return applyOps([...made, ...rules]).namespaces[0]?.iptables?.[family] ?? '';
}

/** Table by table, byte for byte. */
export function expectSaved(text: string, real: string): void {
  const [ours, theirs] = [tablesOf(text), tablesOf(real)];
  for (const [name, lines] of theirs)
    if (ours.has(name) || !isBare(lines)) expect([name, ours.get(name)]).toEqual([name, lines]);
  expect([...ours.keys()].filter((name) => !theirs.has(name))).toEqual([]);
}
