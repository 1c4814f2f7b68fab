// kube-proxy's settings (KubeProxyConfiguration) as the generator needs them. Defaults are upstream's.
import type { IpFamily } from '../objects/service.ts';
import { prefixesOf, printCidr } from './ip.ts';
import type { LocalDetector, ProxyConfig } from './types.ts';

export type DetectLocal =
  | { readonly mode: 'None' }
  /** Also NodeCIDR mode, with the node's pod CIDRs. Several, separated by commas: the first of each family counts. */
  | { readonly mode: 'ClusterCIDR'; readonly cidr: string }
  | { readonly mode: 'BridgeInterface'; readonly interface: string }
  | { readonly mode: 'InterfaceNamePrefix'; readonly prefix: string };

export function localDetector(detect: DetectLocal, family: IpFamily): LocalDetector | null {
  switch (detect.mode) {
    case 'ClusterCIDR': {
      const cidr = prefixesOf(detect.cidr.split(','), family)[0];
      return cidr === undefined ? null : both('-s', printCidr(cidr));
    }
    case 'BridgeInterface':
      return both('-i', detect.interface);
    case 'InterfaceNamePrefix':
      return both('-i', `${detect.prefix}+`);
    default:
      // A mode that is not known is one without a detector, as upstream treats it.
      return null;
  }
}

const both = (option: string, value: string): LocalDetector => ({
  isLocal: `${option} ${value}`,
  isNotLocal: `! ${option} ${value}`,
});

/** masqueradeBit 14 -> `0x00004000` */
export const markOf = (bit: number): string => `0x${(2 ** bit).toString(16).padStart(8, '0')}`;

export const PROXY_DEFAULTS = {
  nodeLabels: {},
  masqueradeAll: false,
  mark: markOf(14),
  nodePortAddresses: [],
  localhostNodePorts: true,
  randomFully: true,
  conntrackTcpLiberal: false,
  nfacct: { invalidDropped: false, localhostAccepted: false },
  gates: { loadBalancerIPMode: true, preferSameTraffic: true },
} as const satisfies Partial<ProxyConfig>;
