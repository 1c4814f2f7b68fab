// -m udp: ports (net/netfilter/xt_tcpudp.c udp_mt).
import type { MatchModule } from '../module.ts';
import { parseBothPorts, PORT_OPTIONS, portFits, portMismatch, printBothPorts } from './ports.ts';
import type { PortsSpec } from './ports.ts';

export const udp: MatchModule<PortsSpec> = {
  name: 'udp',
  limits: { protocols: [17] },
  options: PORT_OPTIONS,
  pure: true,
  parse: parseBothPorts,
  print: printBothPorts,
  compile: (spec) => (facts) => {
    if (facts.transport?.kind !== 'udp') {
      if (facts.fragOffset === 0) facts.hotdrop = true;
      return false;
    }
    return portFits(spec.sport, facts.sport) && portFits(spec.dport, facts.dport);
  },
  explain: (spec, facts) =>
    facts.transport?.kind === 'udp'
      ? portMismatch(spec, facts.sport, facts.dport)
      : 'the packet has no UDP header',
};
