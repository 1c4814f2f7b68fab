// What kube-proxy works with, one IP family at a time (pkg/proxy). Nodes with two families run two of it.
import type { IpFamily } from '../objects/service.ts';

/** How kube-proxy tells traffic of local pods from traffic of others: arguments for iptables, or none. */
export interface LocalDetector {
  readonly isLocal: string;
  readonly isNotLocal: string;
}

export interface ProxyConfig {
  readonly family: IpFamily;
  readonly nodeName: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Primary address of this family. */
  readonly nodeIP: string;
  /** All addresses of the node's interfaces, loopback included. */
  readonly localAddresses: readonly string[];
  readonly detector: LocalDetector | null;
  readonly masqueradeAll: boolean;
  /** As it stands in rules: `0x00004000`. */
  readonly mark: string;
  readonly nodePortAddresses: readonly string[];
  readonly localhostNodePorts: boolean;
  readonly randomFully: boolean;
  readonly conntrackTcpLiberal: boolean;
  /** nfacct counters that exist in the kernel. */
  readonly nfacct: { readonly invalidDropped: boolean; readonly localhostAccepted: boolean };
  readonly gates: { readonly loadBalancerIPMode: boolean; readonly preferSameTraffic: boolean };
}

/** One port of one Service, as far as rules care. */
export interface ServicePort {
  /** `default/web:http`: part of chain names and comments. */
  readonly name: string;
  /** `default/web` */
  readonly service: string;
  readonly portName: string;
  /** Lower case. */
  readonly protocol: string;
  readonly port: number;
  readonly clusterIP: string;
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  /** Load balancer addresses that the node itself short-circuits. */
  readonly lbVIPs: readonly string[];
  readonly sourceRanges: readonly string[];
  /** Seconds of session affinity, or null. */
  readonly affinitySeconds: number | null;
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  readonly healthCheckNodePort: number;
}

export interface ProxyEndpoint {
  /** `10.244.1.5:8080`, `[fd00::5]:8080` */
  readonly text: string;
  readonly ip: string;
  readonly port: number;
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}
