// kube-proxy's ConfigMap (kube-system/kube-proxy, key config.conf: a KubeProxyConfiguration) laid over the flags of the cluster settings.
// Read as kubeadm writes it; fields that are empty there mean the default.
import * as v from 'valibot';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { nodePortRange } from '../cluster-schema.ts';
import type { KubeProxySpec } from '../cluster-schema.ts';
import type { ConfigMap } from '../objects/cluster-scoped.ts';
import { issueDiagnostics } from '../objects/issues.ts';
import type { PlacedObject } from '../objects/parse.ts';
import { readYaml } from '../objects/yaml.ts';

const configuration = v.object({
  mode: v.nullish(v.picklist(['', 'iptables'], 'only iptables mode is modelled')),
  clusterCIDR: v.nullish(v.string()),
  detectLocalMode: v.nullish(
    v.picklist(['', 'ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix']),
  ),
  detectLocal: v.nullish(
    v.object({
      bridgeInterface: v.nullish(v.string()),
      interfaceNamePrefix: v.nullish(v.string()),
    }),
  ),
  nodePortAddresses: v.nullish(v.array(nodePortRange)),
  iptables: v.nullish(
    v.object({
      masqueradeAll: v.nullish(v.boolean()),
      masqueradeBit: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(31))),
      localhostNodePorts: v.nullish(v.boolean()),
    }),
  ),
});

/** The flags of the cluster settings, unless the objects bring a ConfigMap. */
export function proxyFlags(flags: KubeProxySpec, objects: readonly PlacedObject[]): ProxyFlags {
  for (const { object } of objects)
    if (object.kind === 'ConfigMap' && isProxyConfigMap(object))
      return readProxyConfigMap(object, flags);
  return { flags, diagnostics: [] };
}

export interface ProxyFlags {
  readonly flags: KubeProxySpec;
  readonly diagnostics: readonly Diagnostic[];
}

const isProxyConfigMap = (map: ConfigMap): boolean =>
  map.metadata.name === 'kube-proxy' && map.metadata.namespace === 'kube-system';

function readProxyConfigMap(map: ConfigMap, flags: KubeProxySpec): ProxyFlags {
  const source = 'ConfigMap kube-system/kube-proxy config.conf';
  const yaml = readYaml(map.data?.['config.conf'] ?? '', source);
  const document = yaml.documents[0];
  if (document === undefined || document.value === null)
    return { flags, diagnostics: yaml.diagnostics };
  const parsed = v.safeParse(configuration, document.value);
  if (!parsed.success) return { flags, diagnostics: issueDiagnostics(parsed.issues, document) };
  const { output } = parsed;
  const given = <T>(value: T | '' | null | undefined, otherwise: T): T =>
    value === undefined || value === null || value === '' ? otherwise : value;
  const cidrs = output.clusterCIDR?.split(',').filter((text) => text !== '') ?? [];
  const clusterCIDR = cidrs.length > 0 ? cidrs : flags.clusterCIDR;
  return {
    flags: {
      ...flags,
      ...(clusterCIDR === undefined ? {} : { clusterCIDR }),
      mode: given(output.mode, flags.mode),
      detectLocalMode: given(output.detectLocalMode, flags.detectLocalMode),
      bridgeInterface: given(output.detectLocal?.bridgeInterface, flags.bridgeInterface),
      interfaceNamePrefix: given(
        output.detectLocal?.interfaceNamePrefix,
        flags.interfaceNamePrefix,
      ),
      nodePortAddresses: given(output.nodePortAddresses, flags.nodePortAddresses),
      masqueradeAll: given(output.iptables?.masqueradeAll, flags.masqueradeAll),
      masqueradeBit: given(output.iptables?.masqueradeBit, flags.masqueradeBit),
      localhostNodePorts: given(output.iptables?.localhostNodePorts, flags.localhostNodePorts),
    },
    diagnostics: yaml.diagnostics,
  };
}
