// Felix' rules as it renders them (felix/iptables/renderer.go). Every rule bears a hash over itself and the rules before it, by which
// Felix recognizes its own work in a dump (felix/generictables/rules.go).
import type { Origin } from '../../network/types.ts';
import { base64url } from '../hash/base64url.ts';
import { sha224 } from '../hash/sha256.ts';
import type { IptFamily, IptRule, IptTable } from '../iptables/types.ts';

export interface FelixRule {
  /** Fragments of iptables arguments, in order. */
  readonly match?: readonly string[];
  /** `--jump ACCEPT`; absent: the rule only counts. */
  readonly action?: string;
  readonly comments?: readonly string[];
}
export interface FelixChain {
  readonly name: string;
  readonly rules: readonly FelixRule[];
  /** What it is written for: `Pod default/web`, `NetworkPolicy default/allow-db`. */
  readonly object?: string;
}

export const jump = (target: string): string => `--jump ${target}`;
export const goTo = (chain: string): string => `--goto ${chain}`;

const HASH_LENGTH = 16;
const MAX_COMMENT = 256;
/** What would need quoting in a shell becomes an underscore. */
const plain = (comment: string): string =>
  comment.replaceAll(/[^\w @%+=:,./-]/g, '_').slice(0, MAX_COMMENT);
const commentMatch = (comment: string): string => `-m comment --comment "${plain(comment)}"`;

/** A rule as iptables arguments, without its hash. */
export const words = ({ match = [], action, comments = [] }: FelixRule): readonly string[] => [
  ...comments.map(commentMatch),
  ...match,
  ...(action === undefined ? [] : [action]),
];

/** One hash for each rule. `label` is the chain's name, `FORWARD*appends*` for rules at the end of a chain of the kernel. */
export function ruleHashes(label: string, rules: readonly FelixRule[]): readonly string[] {
  const encoder = new TextEncoder();
  let hash = sha224(encoder.encode(label));
  return rules.map((rule) => {
    const text = encoder.encode(['-A', label, 'HASH', ...words(rule)].join(' '));
    const chained = new Uint8Array(hash.length + text.length);
    chained.set(hash);
    chained.set(text, hash.length);
    hash = sha224(chained);
    return base64url(hash).slice(0, HASH_LENGTH);
  });
}

const origin = (
  family: IptFamily,
  table: IptTable,
  verb: '-A' | '-I',
  chain: string,
  args: string,
  object: string | null,
): Origin => ({
  component: 'felix',
  object,
  command: `${family === 'ipv4' ? 'iptables' : 'ip6tables'} -t ${table} ${verb} ${chain} ${args}`,
});

/** The rules of a chain with their hashes; `at` tells how rules get into a chain of the kernel. */
export function renderRules(
  family: IptFamily,
  table: IptTable,
  chain: FelixChain,
  at: 'own' | 'top' | 'end' = 'own',
): readonly IptRule[] {
  const hashes = ruleHashes(at === 'end' ? `${chain.name}*appends*` : chain.name, chain.rules);
  return chain.rules.map((rule, i) => {
    const args = [commentMatch(`cali:${hashes[i]}`), ...words(rule)].join(' ');
    const verb = at === 'top' ? '-I' : '-A';
    return {
      chain: chain.name,
      args,
      origin: origin(family, table, verb, chain.name, args, chain.object ?? null),
    };
  });
}
