// networking.k8s.io/v1 NetworkPolicy, with the checks of the API server (pkg/apis/networking/validation). Whether anything enforces it
// depends on the CNI.
import * as v from 'valibot';
import { contains, parsePrefix } from '../../wire/addr/prefix.ts';
import { sameFamily } from '../../wire/addr/ip.ts';
import { labelSelector, metadata, port, portOrName, protocol } from './meta.ts';

const cidr = v.pipe(
  v.string(),
  v.check(
    (text) => text.includes('/') && parsePrefix(text) !== null,
    'expected a network such as 10.0.0.0/8',
  ),
);

/** An exception lies strictly inside of the block that it is one of. */
function isExcept(block: string, except: string): boolean {
  const [outer, inner] = [parsePrefix(block), parsePrefix(except)];
  if (outer === null || inner === null) return true;
  return (
    sameFamily(outer.addr, inner.addr) && contains(outer, inner.addr) && inner.length > outer.length
  );
}

const ipBlock = v.pipe(
  v.object({ cidr, except: v.optional(v.array(cidr)) }),
  v.check(
    (block) => (block.except ?? []).every((one) => isExcept(block.cidr, one)),
    'every exception must be a smaller network inside of `cidr`',
  ),
);

const peer = v.pipe(
  v.object({
    podSelector: v.optional(labelSelector),
    namespaceSelector: v.optional(labelSelector),
    ipBlock: v.optional(ipBlock),
  }),
  v.check(
    (one) => Object.values(one).some((field) => field !== undefined),
    'a peer has a `podSelector`, a `namespaceSelector` or an `ipBlock`; leave the list out to mean anybody',
  ),
  v.check(
    (one) =>
      one.ipBlock === undefined ||
      (one.podSelector === undefined && one.namespaceSelector === undefined),
    'an `ipBlock` stands alone: put selectors into a peer of their own',
  ),
);

const policyPort = v.pipe(
  v.object({
    protocol: v.optional(protocol),
    port: v.optional(portOrName),
    endPort: v.optional(port),
  }),
  v.check(
    (one) => one.endPort === undefined || (typeof one.port === 'number' && one.endPort >= one.port),
    '`endPort` needs a number as `port`, and is not below it',
  ),
);

const ports = v.optional(v.array(policyPort));
const peers = v.optional(v.array(peer));

export const networkPolicy = v.object({
  kind: v.literal('NetworkPolicy'),
  /** Calico has a kind of that name, too. */
  apiVersion: v.optional(
    v.pipe(
      v.string(),
      v.startsWith(
        'networking.k8s.io/',
        'only the NetworkPolicy of networking.k8s.io is modelled, not that of a network plugin',
      ),
    ),
  ),
  metadata,
  spec: v.object({
    podSelector: labelSelector,
    policyTypes: v.optional(v.array(v.picklist(['Ingress', 'Egress']))),
    ingress: v.optional(v.array(v.object({ from: peers, ports }))),
    egress: v.optional(v.array(v.object({ to: peers, ports }))),
  }),
});
export type NetworkPolicy = v.InferOutput<typeof networkPolicy>;
