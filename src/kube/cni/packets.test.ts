// The same flows through a cluster of every network plugin: whom the server sees, and whether an answer comes back.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compiled, nameOf, runCluster } from '../../test/cluster-run.ts';
import { clusterOf, flowsOf, MANIFESTS, PORT } from '../../test/cluster-table/flows.ts';
import { expected, remote, USUAL, variants } from '../../test/cluster-table/variants.ts';
import type { Outcome, Variant } from '../../test/cluster-table/variants.ts';
import { expectShowable } from '../../test/showable.ts';
import { familyOf } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { cniOf, cniOptions } from './index.ts';

function outcomes(variant: Variant, families: readonly IpFamily[], family: IpFamily) {
  const cluster = compiled(clusterOf(variant, families), MANIFESTS);
  const flows = flowsOf(cluster, family);
  const { seen, trace } = runCluster(cluster, Object.values(flows), PORT);
  expect(trace.diagnostics).toEqual([]);
  const table = Object.fromEntries(
    Object.keys(USUAL).map((id): [string, Outcome] => {
      const one = seen.get(id);
      if (one?.result === 'ok') {
        // Nothing is lost on a way that works, but a router's redirect for a connection with NAT (nf_nat_icmp_reply_translation).
        expect([id, one.drops.filter(({ reason }) => reason !== 'NETFILTER_DROP')]).toEqual([
          id,
          [],
        ]);
        return [id, `answered ${nameOf(cluster, one.source)}`];
      }
      if (one?.source != null) return [id, `heard ${nameOf(cluster, one.source)}`];
      const [loss] = one?.drops ?? [];
      return [
        id,
        loss === undefined ? `lost, ${one?.result}` : `lost, ${loss.reason} at ${loss.netns}`,
      ];
    }),
  );
  return { cluster, table };
}

describe.each(variants)('$options', (variant: Variant) => {
  const { options } = variant;
  const { families } = cniOf(v.parse(cniOptions, options));
  it('has a journey that the page can show', () => {
    const cluster = compiled(clusterOf(variant, families), MANIFESTS);
    const flow = flowsOf(cluster, families.at(-1) ?? 'IPv4')[remote];
    expectShowable(runCluster(cluster, [flow], PORT).trace);
  });
  it.each(families)('%s', (family) => {
    const { cluster, table } = outcomes(variant, families, family);
    expect(cluster.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(cluster.pods.every(({ ips }) => ips.some((ip) => familyOf(ip) === family))).toBe(true);
    expect(table).toEqual(expected(variant, family));
  });
});
