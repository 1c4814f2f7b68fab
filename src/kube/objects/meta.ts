// Metadata and field types that every Kubernetes object shares (apimachinery meta/v1). A field is optional where the API server
// would default it: an object as written and an object as stored both fit. Nulls are removed before (parse.ts): null is absent.
import * as v from 'valibot';

export const labels = v.record(v.string(), v.string());
export type Labels = v.InferOutput<typeof labels>;

/** RFC 1123 names, as the API server checks them. */
const dnsName = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    'a name has lower case letters, digits, `-` and `.`, and starts and ends with a letter or digit',
  ),
  v.maxLength(253),
);

export const metadata = v.object({
  name: dnsName,
  namespace: v.optional(dnsName),
  labels: v.optional(labels),
  annotations: v.optional(labels),
  deletionTimestamp: v.optional(v.string()),
  /** Whom it belongs to: a Pod to its ReplicaSet, that to its Deployment. */
  ownerReferences: v.optional(v.array(v.object({ kind: v.string(), name: v.string() }))),
});
export type Metadata = v.InferOutput<typeof metadata>;

export const port = v.pipe(
  v.number('a port is a number'),
  v.integer('a port is a whole number'),
  v.minValue(1, 'a port is at least 1'),
  v.maxValue(65535, 'a port is at most 65535'),
);
/** IntOrString: a port number, or the name of a container port. */
export const portOrName = v.union([port, v.string()], 'expected a port number or a port name');
export const protocol = v.picklist(['TCP', 'UDP', 'SCTP']);
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const labelSelector = v.object({
  matchLabels: v.optional(labels),
  matchExpressions: v.optional(
    v.array(
      v.object({
        key: v.string(),
        operator: v.picklist(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: v.optional(v.array(v.string())),
      }),
    ),
  ),
});
export type LabelSelector = v.InferOutput<typeof labelSelector>;

export const condition = v.object({ type: v.string(), status: v.string() });

export const namespaceOf = (object: { readonly metadata: Metadata }): string =>
  object.metadata.namespace ?? 'default';

/** `default/web`: how operators and controllers name a namespaced object. */
export const fullName = (object: { readonly metadata: Metadata }): string =>
  `${namespaceOf(object)}/${object.metadata.name}`;
