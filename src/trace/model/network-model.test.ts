import { describe, expect, it } from 'vitest';
import { compiled, runCluster } from '../../test/cluster-run.ts';
import { clusterOf, flowsOf, MANIFESTS, PORT } from '../../test/cluster-table/flows.ts';
import { across, itself, remote, variants } from '../../test/cluster-table/variants.ts';
import type { Row, Variant } from '../../test/cluster-table/variants.ts';
import type { Trace } from '../types.ts';
import { modelBreaches } from './network-model.ts';
import type { Breach } from './network-model.ts';

function journey(wanted: (variant: Variant) => boolean, row: Row): Trace {
  const variant = variants.find(wanted)!;
  const cluster = compiled(clusterOf(variant, ['IPv4']), MANIFESTS);
  return runCluster(cluster, [flowsOf(cluster, 'IPv4')[row]], PORT).trace;
}
const flannel = ({ options }: Variant): boolean => options.name === 'flannel';
const masquerading = ({ options }: Variant): boolean => options['ipMasq'] === true;

/** What breaks the model, and the event that does. */
const told = (trace: Trace): readonly unknown[] =>
  modelBreaches(trace).map(({ rule, seq, from, to, address, instead }) => {
    const event = trace.events.find((one) => one.seq === seq);
    return { rule, from, to, address, instead, at: event?.kind, netns: event?.site.netns };
  });

describe('the network model of Kubernetes', () => {
  it.each(['pod to pod on one node', 'pod to pod on another node', across, remote, 'node to pod on it'] as const)(
    'holds with flannel: %s',
    (row) => {
      expect(told(journey(flannel, row))).toEqual([]);
    },
  ); // prettier-ignore

  it('is broken by ipMasq of the bridge plugin: pods of other nodes see the node', () => {
    expect(told(journey(masquerading, 'pod to pod on another node'))).toEqual([
      {
        rule: 'pod-to-pod',
        from: 'client',
        to: 'other',
        address: '10.244.1.2',
        instead: '192.168.1.11',
        at: 'nat.rewrite',
        netns: 'node-a',
      },
    ]);
  });

  it('is broken for a pod that reaches itself through its Service: it sees its node', () => {
    const [breach] = modelBreaches(journey(flannel, itself)) as readonly [Breach];
    expect(breach).toMatchObject({ rule: 'pod-to-pod', from: 'client', to: 'client' });
  });

  it('says nothing of the way out of the cluster, where addresses are translated', () => {
    expect(told(journey(flannel, 'pod to internet'))).toEqual([]);
  });

  it('is broken where two pods have one address', () => {
    const trace = journey(flannel, 'pod to pod on one node');
    const namespaces = trace.topology.namespaces.map((ns) =>
      ns.name === 'near'
        ? {
            ...ns,
            devices: trace.topology.namespaces.find(({ name }) => name === 'client')!.devices,
          }
        : ns,
    );
    const same = { ...trace, topology: { ...trace.topology, namespaces } };
    expect(modelBreaches(same)).toEqual([
      expect.objectContaining({ rule: 'one-address', seq: null, from: 'client', to: 'near' }),
    ]);
  });

  it('is broken where a rule leads a pod’s own address to another', () => {
    const variant = variants.find(flannel)!;
    const cluster = compiled(clusterOf(variant, ['IPv4']), MANIFESTS);
    const namespaces = cluster.network.namespaces.map((ns) => {
      const text = ns.iptables?.ipv4;
      if (ns.name !== 'node-a' || text === undefined) return ns;
      const rule = '-A PREROUTING -d 10.244.1.3/32 -p tcp -j DNAT --to-destination 10.244.2.2\n';
      const nat = text.indexOf('-A', text.indexOf('*nat'));
      return { ...ns, iptables: { ipv4: text.slice(0, nat) + rule + text.slice(nat) } };
    });
    const flow = flowsOf(cluster, 'IPv4')['pod to pod on one node'];
    const { trace } = runCluster({ network: { ...cluster.network, namespaces } }, [flow], PORT);
    expect(modelBreaches(trace).map(({ rule }) => rule)).toContain('own-address');
  });
});
