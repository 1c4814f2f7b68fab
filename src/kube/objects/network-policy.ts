// networking.k8s.io/v1 NetworkPolicy. Whether anything enforces it depends on the CNI.
import * as v from 'valibot';
import { labelSelector, metadata, port, portOrName, protocol } from './meta.ts';

const peer = v.object({
  podSelector: v.optional(labelSelector),
  namespaceSelector: v.optional(labelSelector),
  ipBlock: v.optional(v.object({ cidr: v.string(), except: v.optional(v.array(v.string())) })),
});
const policyPort = v.object({
  protocol: v.optional(protocol),
  port: v.optional(portOrName),
  endPort: v.optional(port),
});

export const networkPolicy = v.object({
  kind: v.literal('NetworkPolicy'),
  metadata,
  spec: v.object({
    podSelector: labelSelector,
    policyTypes: v.optional(v.array(v.picklist(['Ingress', 'Egress']))),
    ingress: v.optional(
      v.array(
        v.object({ from: v.optional(v.array(peer)), ports: v.optional(v.array(policyPort)) }),
      ),
    ),
    egress: v.optional(
      v.array(v.object({ to: v.optional(v.array(peer)), ports: v.optional(v.array(policyPort)) })),
    ),
  }),
});
