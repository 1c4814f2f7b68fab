// Which families a Service has (pkg/registry/core/service alloc.go): what it asks for by ipFamilies, ipFamilyPolicy and the cluster IPs
// that it names, against what the cluster has service ranges for.
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { familiesOf } from '../families.ts';
import type { IpFamily } from '../families.ts';
import type { Service } from '../objects/service.ts';

export interface ServiceFamilies {
  readonly ipFamilies: readonly IpFamily[];
  readonly ipFamilyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
}
export interface FamilyMistake {
  readonly reason: string;
  readonly fix: string;
}

/** Cluster IPs that the Service names; `None` and empty ones are none. */
export const givenIPs = ({ spec }: Service): readonly string[] =>
  [...new Set([spec.clusterIP ?? '', ...(spec.clusterIPs ?? [])])].filter(
    (ip) => ip !== '' && ip !== 'None',
  );

/** `ranges`: families of the cluster's service CIDRs, the primary one first. */
export function serviceFamilies(
  service: Service,
  ranges: readonly IpFamily[],
): Result<ServiceFamilies, FamilyMistake> {
  const { spec } = service;
  const wanted = [...new Set([...(spec.ipFamilies ?? []), ...familiesOf(givenIPs(service))])];
  const missing = wanted.find((family) => !ranges.includes(family));
  if (missing !== undefined)
    return err({
      reason: `the cluster has no ${missing} service CIDR`,
      fix: `use ${ranges.join(' or ')}, or give \`serviceCIDR\` a range of each family`,
    });
  const policy = spec.ipFamilyPolicy ?? (wanted.length > 1 ? 'RequireDualStack' : 'SingleStack');
  if (policy === 'SingleStack' && wanted.length > 1)
    return err({
      reason: `it is SingleStack and names ${wanted.length} families`,
      fix: 'set `ipFamilyPolicy: PreferDualStack`, or name one',
    });
  if (policy === 'RequireDualStack' && ranges.length < 2)
    return err({
      reason: 'it requires two families and the cluster has one',
      fix: 'set `ipFamilyPolicy: PreferDualStack`, or give `serviceCIDR` a range of each family',
    });
  const all = [...new Set([...wanted, ...ranges])];
  return ok({
    ipFamilies: policy === 'SingleStack' ? all.slice(0, 1) : all,
    ipFamilyPolicy: policy,
  });
}
