// -m sctp: ports (net/netfilter/xt_sctp.c). Rules for SCTP services are kept and shown; no packet here carries SCTP, so they
// never match. Simplified: --chunk-types is not modelled.
import { byMismatch, type MatchModule } from '../module.ts';
import { parseBothPorts, PORT_OPTIONS, printBothPorts, type PortsSpec } from './ports.ts';

export const sctp: MatchModule<PortsSpec> = {
  name: 'sctp',
  limits: { protocols: [132] },
  options: PORT_OPTIONS,
  parse: parseBothPorts,
  print: printBothPorts,
  ...byMismatch<PortsSpec>(() => 'the packet has no SCTP header'),
};
