// The parts of a recording that a prediction may read (../shared/conformance/kernel/SCHEMA.md), and the recorder's own
// instrument: it puts a TRACE rule in front of raw PREROUTING and OUTPUT wherever tables are loaded.
import type { LinuxNetwork, NamespaceSpec, StepSpec } from '../../network/types.ts';
import type { Json } from './observe.ts';

export interface RecordingInput {
  readonly id: string;
  readonly topology: LinuxNetwork;
  readonly steps: readonly StepSpec[];
  readonly want_served_by?: readonly string[];
}

/** A flow, in the form of a recording's run. */
export interface Prediction {
  readonly id: string;
  readonly run: number;
  readonly [field: string]: Json;
}

/** Only these fields go on: nothing of a recording's results can reach the engine. */
export const inputOf = (recording: RecordingInput): RecordingInput => ({
  id: recording.id,
  topology: recording.topology,
  steps: recording.steps,
  ...(recording.want_served_by === undefined ? {} : { want_served_by: recording.want_served_by }),
});

const TRACE = '-A PREROUTING -j TRACE\n-A OUTPUT -j TRACE\n';

export function withTraceRules(text: string): string {
  const raw = /^\*raw$/m.exec(text);
  if (raw === null)
    return `${text.trimEnd()}\n*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${TRACE}COMMIT\n`;
  const head = text.slice(0, raw.index);
  const rest = text.slice(raw.index);
  const firstRule = rest.search(/^(-A|COMMIT)/m);
  return `${head}${rest.slice(0, firstRule)}${TRACE}${rest.slice(firstRule)}`;
}

export function instrument(network: LinuxNetwork): LinuxNetwork {
  const namespaces = network.namespaces.map((ns): NamespaceSpec => {
    if (ns.iptables === undefined) return ns;
    const { ipv4, ipv6 } = ns.iptables;
    return {
      ...ns,
      iptables: {
        ...(ipv4 ? { ipv4: withTraceRules(ipv4) } : {}),
        ...(ipv6 ? { ipv6: withTraceRules(ipv6) } : {}),
      },
    };
  });
  return { ...network, namespaces };
}
