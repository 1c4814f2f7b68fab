// sysctls that the settings name and the engine never looks at: said, so that nobody believes that they had an effect.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { ClusterSpec } from '../../kube/cluster-schema.ts';
import { isModelled } from '../../net/sysctl.ts';

export const checkSysctls = ({ sysctls, nodes }: ClusterSpec): readonly Diagnostic[] =>
  [...new Set([sysctls, ...nodes.map((node) => node.sysctls)].flatMap(Object.keys))]
    .filter((name) => !isModelled(name.replaceAll('/', '.')))
    .map((name) => ({
      severity: 'warning',
      place: at('cluster'),
      reason: `the sysctl ${name} is not modelled: the journey is computed without it`,
      fix: null,
    }));
