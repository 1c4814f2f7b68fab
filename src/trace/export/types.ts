// What an exporter is: a pure function of a journey. The same journey gives the same bytes.
import type { LinuxNetwork } from '../../network/types.ts';
import type { Trace } from '../types.ts';

export interface ExportInput {
  readonly trace: Trace;
  /** The network that the engine ran, where it is at hand. */
  readonly network: LinuxNetwork | null;
  /** The document that the network was made from, as plain data, or null. */
  readonly scenario: unknown;
}

export interface Exporter {
  readonly id: string;
  readonly title: string;
  readonly mime: string;
  /** Of a file name, without the dot. */
  readonly extension: string;
  export(input: ExportInput): string | Uint8Array;
}
