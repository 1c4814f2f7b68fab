// How many interfaces an EC2 instance type may have, and how many IPv4 addresses on each (pkg/vpc/vpc_ip_resource_limit.go,
// misc/eni-max-pods.txt), and what follows for the number of pods. To add a type: a line here.
export interface InstanceLimits {
  /** Interfaces (ENIs), the primary one among them. */
  readonly enis: number;
  /** IPv4 addresses of each, its own primary one among them. With prefix delegation each of the others holds a /28. */
  readonly addresses: number;
  readonly vcpus: number;
  /** Of the Nitro system, which prefix delegation needs. */
  readonly nitro: boolean;
}

const type = (enis: number, addresses: number, vcpus: number, nitro = true): InstanceLimits => ({
  enis,
  addresses,
  vcpus,
  nitro,
});
const LARGE = type(3, 10, 2);

const TYPES: Readonly<Record<string, InstanceLimits>> = {
  't2.micro': type(2, 2, 1, false),
  't3.nano': type(2, 2, 2),
  't3.micro': type(2, 2, 2),
  't4g.nano': type(2, 2, 2),
  't3.small': type(3, 4, 2),
  't3.medium': type(3, 6, 2),
  't3.large': type(3, 12, 2),
  't3.xlarge': type(4, 15, 4),
  'm4.large': type(2, 10, 2, false),
  'm5.large': LARGE,
  'c5.large': LARGE,
  'm6i.large': LARGE,
  'r5.large': LARGE,
  'm7i.large': LARGE,
  'm5.xlarge': type(4, 15, 4),
  'c5.xlarge': type(4, 15, 4),
  'm5.2xlarge': type(4, 15, 8),
  'p3.2xlarge': type(4, 15, 8, false),
  'm5.4xlarge': type(8, 30, 16),
  'm5.8xlarge': type(8, 30, 32),
  'm5.12xlarge': type(8, 30, 48),
  'c5.18xlarge': type(15, 50, 72),
  'c5n.18xlarge': type(15, 50, 72),
  'm5.24xlarge': type(15, 50, 96),
};

export const instanceTypes: readonly string[] = Object.keys(TYPES);
export const limitsOf = (name: string): InstanceLimits | null => TYPES[name] ?? null;

export const PREFIX_SIZE = 16;
/** aws-node and kube-proxy, which have the addresses of their node. */
export const HOST_NETWORK_PODS = 2;
/** What EKS recommends at most, up to this number of processors and above. */
const SMALL = { vcpus: 30, pods: 110 };
const MANY_PODS = 250;

/** `--max-pods` of the kubelet, as the calculator of the EKS images sets it. */
export function maxPods(limits: InstanceLimits, prefixDelegation: boolean): number {
  const slots = limits.enis * (limits.addresses - 1);
  if (!prefixDelegation) return slots + HOST_NETWORK_PODS;
  const most = limits.vcpus <= SMALL.vcpus ? SMALL.pods : MANY_PODS;
  return Math.min(slots * PREFIX_SIZE + HOST_NETWORK_PODS, most);
}
