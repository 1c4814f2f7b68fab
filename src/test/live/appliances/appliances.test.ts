// Stand-ins without a kernel: what must hold for a network that is handed to one.
import { describe, expect, it } from 'vitest';
import type { LinuxNetwork } from '../../../network/types.ts';
import { parseSave } from '../../../netfilter/index.ts';
import { vpcNetwork } from '../../vpc-network.ts';
import { applianceCases } from './cases.ts';
import { withoutAppliances } from './index.ts';

const cases = applianceCases();

/** Cables with one end, and names that the kernel refuses. */
function faults({ namespaces }: LinuxNetwork): readonly string[] {
  return namespaces.flatMap((ns) =>
    ns.devices.flatMap(({ name, peer }) => {
      const found = name.length > 15 ? [`${ns.name} ${name}: too long`] : [];
      if (peer === undefined) return found;
      const other = namespaces
        .find((one) => one.name === peer.ns)
        ?.devices.find((dev) => dev.name === peer.dev);
      const back = other?.peer?.ns === ns.name && other.peer.dev === name;
      return back ? found : [...found, `${ns.name} ${name}: a cable with one end`];
    }),
  );
}

describe('a network without its appliances', () => {
  it.each(cases.map((one) => [one.id, one.topology] as const))('%s', (_, topology) => {
    const { network, ports } = withoutAppliances(topology);
    expect(network.appliances).toBeUndefined();
    expect(network.namespaces.length).toBe(
      topology.namespaces.length + (topology.appliances?.length ?? 0),
    );
    expect(faults(network)).toEqual([]);
    for (const ns of network.namespaces) {
      const text = ns.iptables?.ipv4 ?? '';
      expect(parseSave(text, 'ipv4', { source: ns.name }).diagnostics, ns.name).toEqual([]);
    }
    // Every interface is a port that neither learns nor floods.
    expect(ports.length).toBeGreaterThan(3);
  });

  it('leaves a network without any as it is', () => {
    const { namespaces } = vpcNetwork();
    expect(withoutAppliances({ namespaces })).toEqual({ network: { namespaces }, ports: [] });
  });

  it('gives long ports short names, at both ends', () => {
    const network = vpcNetwork();
    const text = JSON.stringify(network).replaceAll('eni-a1', 'eni-of-a-node-with-a-long-name');
    const plain = withoutAppliances(JSON.parse(text) as LinuxNetwork).network;
    expect(faults(plain)).toEqual([]);
    expect(JSON.stringify(plain)).not.toContain('long-name');
  });
});
