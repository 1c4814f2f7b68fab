// What looks wrong in a cluster that is otherwise valid, said before the packet says it: warnings, never errors.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Cni } from './cni/index.ts';
import { selects, targetPortOf } from './controllers/endpoint-slices.ts';
import type { PlacedService } from './controllers/services.ts';
import { fullName } from './objects/meta.ts';
import type { PlacedObject } from './objects/parse.ts';
import type { PodInstance } from './pods.ts';

export const checkPolicies = (objects: readonly PlacedObject[], cni: Cni): readonly Diagnostic[] =>
  objects.flatMap(({ object, place }): Diagnostic[] =>
    object.kind !== 'NetworkPolicy' || cni.enforcesPolicies
      ? []
      : [
          {
            severity: 'warning',
            place,
            reason: `NetworkPolicy ${fullName(object)} has no effect: ${cni.title} does not enforce policies`,
            fix: 'use a network plugin that does',
          },
        ],
  );

/** A target port on which no selected pod says that it listens: connections there are refused. */
export const checkTargetPorts = (
  services: readonly PlacedService[],
  pods: readonly PodInstance[],
): readonly Diagnostic[] =>
  services.flatMap(({ service, place }) => {
    const selected = pods.filter(({ pod }) => selects(service, pod));
    return (service.spec.ports ?? []).flatMap((port): Diagnostic[] => {
      const wrong = selected.filter(({ pod }) => {
        const number = targetPortOf(port, pod);
        const protocol = port.protocol ?? 'TCP';
        return !pod.spec.containers.some((container) =>
          (container.ports ?? []).some(
            (p) => p.containerPort === number && (p.protocol ?? 'TCP') === protocol,
          ),
        );
      });
      if (wrong.length === 0) return [];
      const target = port.targetPort ?? port.port;
      return [
        {
          severity: 'warning',
          place,
          reason: `port ${port.port} of Service ${fullName(service)} leads to ${target}, where no container of ${wrong[0]?.name} listens`,
          fix: 'correct `targetPort`, or declare the port as a `containerPort`',
        },
      ];
    });
  });
