// The real ipset and iptables of this machine, each time in a network namespace of their own that ends with the call. For root.
import { spawnSync } from 'node:child_process';
import type { IpsetSpec } from '../network/types.ts';
import type { IptFamily } from '../kube/iptables/types.ts';

const inNamespace = (script: string) =>
  spawnSync('unshare', ['--net', 'sh', '-ec', script], { encoding: 'utf8' });

/** Are they there, and may they be used? */
export const hasIptables = (): boolean =>
  inNamespace('iptables-legacy-save; ip6tables-legacy-save; ipset list').status === 0;

export interface Loaded {
  /** What the programs complained about; empty: nothing. */
  readonly complaint: string;
  /** Output of iptables-save. */
  readonly saved: string;
}

/** Both variants of iptables-restore test each text; then the first is loaded and saved. */
export function loadIptables(
  family: IptFamily,
  sets: readonly IpsetSpec[],
  texts: readonly string[],
): Loaded {
  const tool = family === 'ipv4' ? 'iptables' : 'ip6tables';
  const ipset = sets.flatMap(({ name, type, family: of = 'inet', entries }) => [
    `create ${name} ${type} family ${of}`,
    ...entries.map((entry) => `add ${name} ${entry}`),
  ]);
  const restore = (program: string, text: string): string => `${program} <<'RULES'\n${text}\nRULES`;
  const { status, stdout, stderr } = inNamespace(
    [
      `ipset restore <<'SETS'\n${ipset.join('\n')}\nSETS`,
      ...texts.flatMap((text) => [
        restore(`${tool}-legacy-restore --test`, text),
        restore(`${tool}-nft-restore --test`, text),
      ]),
      restore(`${tool}-legacy-restore`, texts[0] ?? ''),
      `${tool}-legacy-save`,
    ].join('\n'),
  );
  return { complaint: status === 0 ? stderr : `${stderr || 'failed'} (${status})`, saved: stdout };
}

/** A dump without counters and the program's own comments, its tables in a fixed order. */
export const bareDump = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^(:.*) \[\d+:\d+\]$/, '$1'))
    .join('\n')
    .split(/^(?=\*)/m)
    .map((table) => table.trimEnd())
    .sort()
    .join('\n');
