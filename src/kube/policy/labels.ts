// Labels by which Calico knows a workload: those of its pod, and what it inherits from its namespace and service account
// (libcalico-go/lib/backend/k8s/conversion).
import type { Labels } from '../objects/meta.ts';

export const ORCHESTRATOR = 'projectcalico.org/orchestrator';
export const NAMESPACE = 'projectcalico.org/namespace';
/** Before every label of the pod's namespace. */
export const NAMESPACE_PREFIX = 'pcns.';

export const workloadLabels = (
  pod: {
    readonly namespace: string;
    readonly labels: Labels;
    readonly serviceAccount: string;
  },
  namespaceLabels: Labels,
): Labels => ({
  ...Object.fromEntries(
    Object.entries(namespaceLabels).map(([key, value]) => [NAMESPACE_PREFIX + key, value]),
  ),
  [`${NAMESPACE_PREFIX}projectcalico.org/name`]: pod.namespace,
  [`pcsa.projectcalico.org/name`]: pod.serviceAccount,
  ...pod.labels,
  [NAMESPACE]: pod.namespace,
  [ORCHESTRATOR]: 'k8s',
  'projectcalico.org/serviceaccount': pod.serviceAccount,
});
