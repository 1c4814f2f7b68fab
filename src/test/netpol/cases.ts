// A truth table of NetworkPolicies: one cluster, and groups of policies with connection attempts between its ends.

export interface NetpolPod {
  readonly ns: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly node?: string;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

export interface Expectation {
  /** `ns/pod`, `ext:203.0.113.10`, `node:node1` */
  readonly from: string;
  /** As `from`, or `kube-dns/<clusterIP>`, or `svc:<clusterIP>-><ns/pod>:<targetPort>`. */
  readonly to: string;
  /** Of the Service where `to` is one. */
  readonly port: number;
  readonly protocol?: string;
  readonly allowed?: boolean;
}

export interface NetpolGroup {
  readonly group: string;
  /** NetworkPolicy objects. */
  readonly policies: readonly unknown[];
  readonly expectations: readonly Expectation[];
}

export interface NetpolFile {
  readonly namespaces: readonly {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  }[];
  readonly nodes: readonly { readonly name: string; readonly ip: string }[];
  readonly pods: readonly NetpolPod[];
  readonly dnsPod?: NetpolPod;
  readonly groups: readonly NetpolGroup[];
}

/** One end of an attempt, told apart. */
export type End =
  | { readonly kind: 'pod'; readonly pod: string }
  | { readonly kind: 'external'; readonly ip: string }
  | { readonly kind: 'node'; readonly node: string }
  | {
      readonly kind: 'service';
      readonly clusterIP: string;
      readonly pod: string;
      /** null: the port of the attempt. */
      readonly targetPort: number | null;
    };

export function parseEnd(text: string, file: NetpolFile): End {
  const service = /^svc:(.+?)->(.+):(\d+)$/.exec(text);
  if (service !== null) {
    const [, clusterIP = '', pod = '', port = ''] = service;
    return { kind: 'service', clusterIP, pod, targetPort: Number(port) };
  }
  if (text.startsWith('ext:')) return { kind: 'external', ip: text.slice(4) };
  if (text.startsWith('node:')) return { kind: 'node', node: text.slice(5) };
  const dns = file.dnsPod;
  if (text.startsWith('kube-dns/') && dns !== undefined)
    return {
      kind: 'service',
      clusterIP: text.slice('kube-dns/'.length),
      pod: `${dns.ns}/${dns.name}`,
      targetPort: null,
    };
  return { kind: 'pod', pod: text };
}
