// Subnets of a cluster in a cloud: which are the cloud's own, what it keeps in them, and what cannot be.
import { lengthOf, normalAddr, nthAddress, overlap } from '../cidr.ts';
import type { SubnetInfo } from '../cni/types.ts';
import { familyOf } from '../families.ts';
import type { ClusterSpec } from '../cluster-schema.ts';
import type { CloudNetwork } from './types.ts';

export const ownRange = (cloud: CloudNetwork, cidrs: readonly string[]): string | null =>
  cidrs.find((cidr) => cloud.cidrs.some((range) => overlap(range, cidr))) ?? null;

/** A cloud's router is where the cloud says. Beyond the cloud every subnet has one too: else nothing would get there. */
export function cloudRouters(
  cloud: CloudNetwork,
  cidrs: readonly string[],
  given: readonly string[],
): readonly string[] {
  const own = ownRange(cloud, cidrs) !== null;
  if (given.length > 0 && !own) return given;
  const [cidr = ''] = cidrs;
  const router = own ? cloud.router(cidr) : nthAddress(cidr, 1);
  return router === null ? [] : [router];
}

export const reservedIn = (
  cloud: CloudNetwork,
  subnets: readonly SubnetInfo[],
): readonly string[] =>
  subnets.flatMap(({ name, cidrs }) => {
    const cidr = ownRange(cloud, cidrs);
    return cidr === null ? [] : cloud.reserved({ name, cidr });
  });

const within = (range: string, cidr: string): boolean =>
  overlap(range, cidr) && Number(lengthOf(cidr)) >= Number(lengthOf(range));

export function checkCloud(
  cluster: ClusterSpec,
  cloud: CloudNetwork,
  subnets: readonly SubnetInfo[],
  complain: (reason: string, fix: string) => void,
): void {
  const ranges = cloud.cidrs.join(',');
  if (cluster.podCIDR.some((cidr) => familyOf(cidr) === 'IPv6'))
    complain('IPv6 in a VPC is not modelled', 'use an IPv4 `podCIDR` alone');
  const own = subnets.filter(({ cidrs }) => ownRange(cloud, cidrs) !== null);
  for (const { name, cidrs } of own)
    if (cidrs.length > 1 || !cloud.cidrs.some((range) => within(range, cidrs[0] ?? '')))
      complain(
        `the subnet ${name} (${cidrs.join(',')}) is not one IPv4 range in ${ranges}`,
        'use a range of the VPC, without IPv6',
      );
  for (const { name, gateway } of cluster.subnets) {
    const router = own.find((one) => one.name === name)?.gateways[0];
    for (const ip of gateway ?? [])
      if (router !== undefined && normalAddr(ip) !== router)
        complain(
          `the router of ${name} is not ${ip}`,
          `leave \`gateway\` out: the cloud's is ${router}`,
        );
  }
  for (const name of cloud.mentions)
    if (!own.some((one) => one.name === name))
      complain(`there is no subnet ${name} in ${ranges}`, 'name one of `subnets`');
}
