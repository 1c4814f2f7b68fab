// Labels of Kubernetes namespaces. A namespace that some object is in exists, written down or not; the API server labels each with its
// name.
import type { Labels } from './objects/meta.ts';
import { namespaceOf } from './objects/meta.ts';
import type { PlacedObject } from './objects/parse.ts';

export function namespaceLabels(objects: readonly PlacedObject[]): ReadonlyMap<string, Labels> {
  const found = new Map<string, Labels>();
  const add = (name: string, labels: Labels | undefined): void => {
    found.set(name, { ...found.get(name), ...labels, 'kubernetes.io/metadata.name': name });
  };
  add('default', {});
  for (const { object } of objects)
    if (object.kind === 'Namespace') add(object.metadata.name, object.metadata.labels);
    else if (object.kind !== 'Node') add(namespaceOf(object), {});
  return found;
}
