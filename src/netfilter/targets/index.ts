// Registry of targets that are extensions (the word after `-j`; ACCEPT, DROP, RETURN and jumps are the walk's own).
// To add one: a file `<NAME>.ts` that exports a TargetModule, and one line here.
import type { TargetModule } from '../module.ts';
import { CHECKSUM } from './CHECKSUM.ts';
import { CONNMARK } from './CONNMARK.ts';
import { CT } from './CT.ts';
import { DNAT } from './DNAT.ts';
import { HL } from './HL.ts';
import { LOG } from './LOG.ts';
import { MARK } from './MARK.ts';
import { MASQUERADE } from './MASQUERADE.ts';
import { NFLOG } from './NFLOG.ts';
import { NOTRACK } from './NOTRACK.ts';
import { REDIRECT } from './REDIRECT.ts';
import { REJECT } from './REJECT.ts';
import { SET } from './SET.ts';
import { SNAT } from './SNAT.ts';
import { TCPMSS } from './TCPMSS.ts';
import { TRACE } from './TRACE.ts';
import { TTL } from './TTL.ts';

export const targets = {
  CHECKSUM,
  CONNMARK,
  CT,
  DNAT,
  HL,
  LOG,
  MARK,
  MASQUERADE,
  NFLOG,
  NOTRACK,
  REDIRECT,
  REJECT,
  SET,
  SNAT,
  TCPMSS,
  TRACE,
  TTL,
} as const;

export type TargetName = keyof typeof targets;
export type TargetSpec<N extends TargetName> =
  (typeof targets)[N] extends TargetModule<infer S> ? S : never;

const byName: ReadonlyMap<string, TargetModule<unknown>> = new Map(
  Object.entries(targets as Readonly<Record<string, TargetModule<unknown>>>),
);
export const findTarget = (name: string): TargetModule<unknown> | undefined => byName.get(name);
