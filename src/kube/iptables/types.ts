// What a component does to iptables, as values: the rules are the text that it passes on its command line or to iptables-restore.
import type { Origin } from '../../network/types.ts';

export type IptFamily = 'ipv4' | 'ipv6';
export type IptTable = 'raw' | 'mangle' | 'nat' | 'filter';

export interface IptRule {
  readonly chain: string;
  /** Everything after `-A CHAIN`: `-m comment --comment "x" -j ACCEPT`. */
  readonly args: string;
  readonly origin: Origin;
}

/** One table of iptables-restore input. With --noflush a named chain is created or emptied; all others stay. */
export interface RestoreTable {
  readonly table: IptTable;
  readonly chains: readonly string[];
  readonly rules: readonly IptRule[];
  /** `-X` lines. */
  readonly deletions: readonly string[];
}

/** One iptables command. `insert` puts the rule on top. Both ensure: nothing happens where the exact rule is there already. */
export type IptCommand =
  | { readonly do: 'chain'; readonly table: IptTable; readonly chain: string }
  | { readonly do: 'append'; readonly table: IptTable; readonly rule: IptRule }
  | { readonly do: 'insert'; readonly table: IptTable; readonly rule: IptRule }
  | {
      readonly do: 'policy';
      readonly table: IptTable;
      readonly chain: string;
      readonly policy: 'ACCEPT' | 'DROP';
    }
  | { readonly do: 'restore'; readonly tables: readonly RestoreTable[] };

export const BUILTIN: Readonly<Record<IptTable, readonly string[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};
