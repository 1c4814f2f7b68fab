// Applications in the shape in which they are usually published: nothing of theirs is refused, and every Service is reached.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { compiled, runCluster } from '../../test/cluster-run.ts';
import type { Flow } from '../../test/cluster-run.ts';
import type { CompiledCluster } from '../compile.ts';
import { namespaceOf } from '../objects/meta.ts';
import { parseManifests } from '../objects/parse.ts';

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'));
const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** A flow to each port of each Service, and to each pod of a headless one. */
function flowsTo({ services, slices, pods }: CompiledCluster): readonly Flow[] {
  const client = pods[0]!;
  return services.flatMap(({ metadata, spec }) => {
    const from = pods.find((pod) => pod.pod.metadata.namespace === metadata.namespace) ?? client;
    const ends =
      spec.clusterIPs?.[0] !== 'None' && spec.clusterIPs?.[0] !== undefined
        ? (spec.ports ?? []).map(({ port }) => ({ dst: spec.clusterIPs![0]!, dport: port }))
        : slices
            .filter(
              (slice) =>
                slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name &&
                namespaceOf(slice) === namespaceOf({ metadata }),
            )
            .flatMap(({ endpoints, ports }) =>
              (endpoints ?? []).flatMap(({ addresses }) =>
                (ports ?? []).map(({ port }) => ({ dst: addresses[0]!, dport: port ?? 0 })),
              ),
            )
            // It would not leave the pod.
            .filter(({ dst }) => !from.ips.includes(dst));
    return ends.map((end, i) => ({ id: `${metadata.name} ${i}`, ns: from.netns, ...end }));
  });
}

describe.each(names)('%s', (name) => {
  it('compiles without a diagnostic', () => {
    const { diagnostics } = compiled({}, read(name));
    expect(
      [...parseManifests(read(name)).diagnostics, ...diagnostics].map(printDiagnostic),
    ).toEqual([]);
  });

  it('has Services that are all reached', () => {
    const cluster = compiled({}, read(name));
    const flows = flowsTo(cluster);
    expect(flows.length).toBeGreaterThanOrEqual(cluster.services.length);
    const { seen } = runCluster(cluster, flows, 0);
    expect(flows.map(({ id }) => [id, seen.get(id)?.result])).toEqual(
      flows.map(({ id }) => [id, 'ok']),
    );
  });
});
