// Names that Felix gives to chains and sets (felix/types/policy_id.go, libcalico-go/lib/hash/unique_id.go, felix/ipsets/ipset_defs.go),
// as of v3.32: `knp` is a Kubernetes NetworkPolicy.
import type { IpFamily } from '../families.ts';
import { base64url } from '../hash/base64url.ts';
import { sha224, sha256Text } from '../hash/sha256.ts';

/** The kernel allows 28 characters to a chain and 31 to a set. */
const MAX_CHAIN = 28;
const MAX_SET = 31;

/** Prefix and name where they fit; else a hash in the name's place. */
export function chainName(prefix: string, name: string): string {
  const length = prefix.length + name.length;
  if (length < MAX_CHAIN || (length === MAX_CHAIN && !name.startsWith('_'))) return prefix + name;
  return `${prefix}_${base64url(sha256Text(name))}`.slice(0, MAX_CHAIN);
}

export const policyId = (policy: { readonly namespace: string; readonly name: string }): string =>
  `knp/${policy.namespace}/${policy.name}`;

/** `s:...` of a selector, `n:...` of a named port. */
export const uniqueId = (kind: 's' | 'n', content: string): string =>
  `${kind}:${base64url(sha224(new TextEncoder().encode(`${kind}:${content}`)))}`;

export const setName = (family: IpFamily, id: string): string =>
  `cali${family === 'IPv4' ? 4 : 6}0${id}`.slice(0, MAX_SET);
