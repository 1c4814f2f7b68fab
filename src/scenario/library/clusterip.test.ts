// The facts that the clusterip journey is told with.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileScenario } from '../compile/compile.ts';
import { decodeScenario } from '../schema/decode.ts';

const text = readFileSync(new URL('./clusterip.yaml', import.meta.url), 'utf8');
const scenario = decodeScenario(text);
const compiled = scenario.ok ? compileScenario(scenario.value) : scenario;
if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
const { network, steps, servedBy, warnings } = compiled.value;
const named = (name: string) => network.namespaces.find((ns) => ns.name === name);

describe('clusterip', () => {
  it('has two nodes, a switch, a client on node-a and one web pod on each node', () => {
    expect(
      network.namespaces.map((ns) => [ns.kind, ns.host ?? null, ns.label?.split('-')[0]]),
    ).toEqual([
      ['node', null, 'Node node'],
      ['node', null, 'Node node'],
      ['switch', null, 'Switch 192.168.1.0/24'],
      ['pod', 'node-a', 'Pod default/client'],
      ['pod', 'node-b', 'Pod default/web'],
      ['pod', 'node-a', 'Pod default/web'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('calls the cluster IP, and a pod on node-b has to answer', () => {
    const [step] = steps;
    expect(step).toMatchObject({ do: 'flow', proto: 'tcp', ns: 'client', dport: 80 });
    expect(step).toMatchObject({ command: 'curl http://web', process: 'curl' });
    expect(servedBy).toHaveLength(1);
    expect(named(servedBy?.[0] ?? '')?.host).toBe('node-b');
    expect(named(servedBy?.[0] ?? '')?.listeners?.[0]?.name).toBe(servedBy?.[0]);
  });

  it('gives every device, address, route, neighbour and rule an origin with a command', () => {
    for (const ns of network.namespaces) {
      const things = [
        ...ns.devices.filter((dev) => dev.name !== 'lo'),
        ...ns.devices.flatMap((dev) => dev.addresses ?? []),
        ...(ns.routes ?? []),
        ...(ns.neigh ?? []),
        ...(ns.fdb ?? []),
      ];
      for (const thing of things)
        expect(typeof thing === 'string' ? thing : thing.origin?.command).toMatch(/^(ip|bridge) /);
      const lines = (ns.iptables?.ipv4 ?? '').split('\n');
      lines.forEach((line, i) => {
        const origin = ns.ruleOrigins?.ipv4?.[String(i + 1)];
        expect([line, origin !== undefined]).toEqual([line, line.startsWith('-A ')]);
      });
    }
  });

  it('connects both ends of every cable', () => {
    for (const ns of network.namespaces)
      for (const dev of ns.devices) {
        if (dev.peer === undefined) continue;
        const other = named(dev.peer.ns)?.devices.find((d) => d.name === dev.peer?.dev);
        expect(other?.peer).toEqual({ ns: ns.name, dev: dev.name });
        expect(other?.mtu).toBe(dev.mtu);
      }
  });
});
