import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { clusterView } from '../../test/cni.ts';
import { inside } from '../cidr.ts';
import { familyOf } from '../families.ts';
import { calicoIpam } from './calico-ipam.ts';
import { calicoOptions } from './calico-options.ts';
import type { ClusterView, Ipam } from './types.ts';

const optionsOf = (more: object = {}) => v.parse(calicoOptions, { name: 'calico', ...more });
const ask = (ipam: Ipam, view: ClusterView, node: string, wanted: readonly string[] = []) => {
  const answer = ipam.allocate({
    node: view.nodes.find(({ name }) => name === node)!,
    pod: 'default/p',
    object: { kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }] } },
    wanted,
  });
  return answer.ok ? answer.value.addresses.map(({ ip }) => ip) : answer.error.reason;
};
const cni = { name: 'calico' };
const view = (more: object = {}) =>
  clusterView({ cni, nodes: [{ name: 'a' }, { name: 'b' }], ...more });

describe('calico-ipam', () => {
  it('gives the lowest addresses of a block of the node, the first to its tunnel', () => {
    const cluster = view();
    const ipam = calicoIpam(cluster, optionsOf());
    const [first, second] = [ask(ipam, cluster, 'a'), ask(ipam, cluster, 'a')];
    const { blocks, tunnels, borrowed } = ipam.shared();
    const own = blocks.find(({ node }) => node === 'a')!;
    const at = (n: number): string => own.cidr.replace(/\d+\/26$/, (x) => String(parseInt(x) + n));
    expect(tunnels.find(({ node }) => node === 'a')?.ip).toBe(at(0));
    expect([first, second]).toEqual([[at(1)], [at(2)]]);
    expect(blocks.map(({ node }) => node).sort()).toEqual(['a', 'b']);
    expect(borrowed).toEqual([]);
  });
  it('uses every address of a block, and has no blocks without need where there is no tunnel', () => {
    const cluster = view({ podCIDR: '10.244.0.0/30' });
    const ipam = calicoIpam(cluster, optionsOf({ encapsulation: 'None', blockSize: 30 }));
    const given = Array.from({ length: 5 }, () => ask(ipam, cluster, 'a'));
    expect(given).toEqual([
      ['10.244.0.0'], ['10.244.0.1'], ['10.244.0.2'], ['10.244.0.3'], 'the pool is used up',
    ]); // prettier-ignore
    expect(ipam.shared().blocks).toEqual([{ cidr: '10.244.0.0/30', family: 'IPv4', node: 'a' }]);
  });
  it('borrows where no block is free', () => {
    const cluster = view({ podCIDR: '10.244.0.0/30' });
    const ipam = calicoIpam(cluster, optionsOf({ encapsulation: 'None', blockSize: 30 }));
    ask(ipam, cluster, 'a');
    expect(ask(ipam, cluster, 'b')).toEqual(['10.244.0.1']);
    expect(ipam.shared().borrowed).toEqual([{ ip: '10.244.0.1', family: 'IPv4', node: 'b' }]);
  });
  it('keeps given addresses, whoever has their block, and refuses what it cannot give', () => {
    const cluster = view();
    const ipam = calicoIpam(cluster, optionsOf());
    expect(ask(ipam, cluster, 'a', ['10.244.1.10'])).toEqual(['10.244.1.10']);
    expect(ask(ipam, cluster, 'b', ['10.244.1.11'])).toEqual(['10.244.1.11']);
    expect(ask(ipam, cluster, 'b', ['10.244.1.10'])).toBe('10.244.1.10 is taken');
    expect(ask(ipam, cluster, 'b', ['10.9.1.10'])).toBe('10.9.1.10 is in no pool');
    const { blocks, borrowed } = ipam.shared();
    expect(blocks[0]).toEqual({ cidr: '10.244.1.0/26', family: 'IPv4', node: 'a' });
    expect(borrowed).toEqual([{ ip: '10.244.1.11', family: 'IPv4', node: 'b' }]);
  });
  it('never gives an address twice, and all of one from blocks of its node or borrowed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }),
        fc.constantFrom('IPIP', 'VXLAN', 'None'),
        fc.constantFrom('10.244.0.0/24', '10.244.0.0/24,fd00:10:244::/64'),
        (nodes, encapsulation, podCIDR) => {
          const cluster = clusterView({
            cni,
            nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
            podCIDR,
            subnets: [{ name: 'lan', cidr: '192.168.1.0/24,fd00:192::/64' }],
          });
          const ipam = calicoIpam(cluster, optionsOf({ encapsulation, blockSize: 28 }));
          const given = nodes.map((node) => ({ node, ips: ask(ipam, cluster, node) }));
          const { blocks, borrowed, tunnels } = ipam.shared();
          const all = [...given.flatMap(({ ips }) => ips), ...tunnels.map(({ ip }) => ip)];
          expect(new Set(all).size).toBe(all.length);
          expect(given.every(({ ips }) => ips.length === podCIDR.split(',').length)).toBe(true);
          for (const { node, ips } of given)
            for (const ip of ips as readonly string[]) {
              const block = blocks.find(({ cidr }) => inside(cidr, ip));
              expect(block?.family).toBe(familyOf(ip));
              expect(
                block?.node === node || borrowed.some((one) => one.ip === ip && one.node === node),
              ).toBe(true);
            }
        },
      ),
      { numRuns: 30 },
    );
  });
});
