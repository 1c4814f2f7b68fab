import { describe, expect, it } from 'vitest';
import { words } from './chain.ts';
import type { FelixChain } from './chain.ts';
import { dispatchChains } from './dispatch.ts';
import { policyOf } from './fixtures.ts';
import { groupChain, groupPolicies } from './groups.ts';
import { chainName, setName } from './names.ts';
import { policyRulesChain, profileChains } from './policy-rules.ts';

const lines = ({ rules }: FelixChain): string[] =>
  rules.map((rule) => words({ ...rule, comments: [] }).join(' '));
const render = (
  spec: object,
  direction: 'inbound' | 'outbound' = 'inbound',
  family: 'IPv4' | 'IPv6' = 'IPv4',
): string[] =>
  lines(
    policyRulesChain(policyOf('p', { podSelector: {}, ...spec }), {
      family,
      direction,
      sets: {
        workloads: () => 'WORKLOADS',
        namedPort: (selector, protocol, port) => `PORT-${selector.kind}-${protocol}-${port}`,
      },
    }),
  );
const ACCEPT = '--jump MARK --set-mark 0x10000/0x10000';
const RETURN = '-m mark --mark 0x10000/0x10000 --jump RETURN';

describe('rules of a policy', () => {
  it('are one where one is enough, and return unless they are the last', () => {
    expect(render({ ingress: [{ ports: [{ port: 80 }] }, {}] })).toEqual([
      `-p tcp -m multiport --destination-ports 80 ${ACCEPT}`,
      RETURN,
      ACCEPT,
    ]);
    expect(render({ ingress: [] })).toEqual(['']);
  });
  it('subtract exceptions in a block', () => {
    const ipBlock = { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] };
    expect(render({ ingress: [{ from: [{ ipBlock }] }] })).toEqual([
      '--jump MARK --set-mark 0x80000/0x180000',
      '--source 10.1.0.0/16 --jump MARK --set-mark 0/0x80000',
      '--source 10.2.0.0/16 --jump MARK --set-mark 0/0x80000',
      `--source 10.0.0.0/8 -m mark --mark 0x80000/0x80000 ${ACCEPT}`,
    ]);
  });
  it('put more than 15 ports, and names beside numbers, into a block', () => {
    const ports = [
      ...Array.from({ length: 16 }, (_, i) => ({ port: 2 * i + 1 })),
      { port: 'http' },
    ];
    expect(render({ ingress: [{ ports }] })).toEqual([
      '--jump MARK --set-mark 0x0/0x180000',
      '-p tcp -m multiport --destination-ports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 --jump MARK --set-mark 0x80000/0x80000',
      '-p tcp -m multiport --destination-ports 31 --jump MARK --set-mark 0x80000/0x80000',
      '-m set --match-set PORT-all-TCP-http dst,dst --jump MARK --set-mark 0x80000/0x80000',
      `-p tcp -m mark --mark 0x80000/0x80000 ${ACCEPT}`,
    ]);
  });
  it('look named ports up on the peer of an egress rule', () => {
    const to = [{ podSelector: {} }];
    expect(render({ egress: [{ to, ports: [{ port: 'http' }] }] }, 'outbound')).toEqual([
      `-p tcp -m set --match-set PORT-and-TCP-http dst,dst ${ACCEPT}`,
    ]);
    expect(
      render({ egress: [{ to, ports: [{ port: 'http' }, { port: 80 }] }] }, 'outbound').at(-1),
    ).toBe(`-p tcp -m set --match-set WORKLOADS dst -m mark --mark 0x80000/0x80000 ${ACCEPT}`);
    expect(render({ ingress: [{ from: to, ports: [{ port: 'http' }] }] })).toEqual([
      `-p tcp -m set --match-set WORKLOADS src -m set --match-set PORT-all-TCP-http dst,dst ${ACCEPT}`,
    ]);
  });
  it('are for one family', () => {
    const from = [{ ipBlock: { cidr: '10.0.0.0/8' } }, { ipBlock: { cidr: 'fd00::/8' } }];
    expect(render({ ingress: [{ from }] }, 'inbound', 'IPv6')).toEqual([
      `--source fd00::/8 ${ACCEPT}`,
    ]);
  });
  it('of a profile allow for a namespace, and say nothing for a service account', () => {
    expect(profileChains('kns.x').map(lines)).toEqual([[ACCEPT], [ACCEPT]]);
    expect(profileChains('ksa.x.default').map(lines)).toEqual([[''], ['']]);
  });
});

describe('chains', () => {
  it('of policies that select the same pods are one group, with a verdict after every five', () => {
    const policies = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
      policyOf(name, { podSelector: {} }),
    );
    const other = policyOf('z', { podSelector: { matchLabels: { a: '1' } } });
    const [group, single] = groupPolicies([...policies, other], 'inbound');
    expect(single?.chain).toBe('cali-pi-knp/default/z');
    expect(group?.chain).toMatch(/^cali-gi-[\w-]{20}$/);
    expect(lines(groupChain(group!))).toEqual([
      '--jump cali-pi-knp/default/a',
      ...['b', 'c', 'd', 'e'].map(
        (name) => `-m mark --mark 0/0x30000 --jump cali-pi-knp/default/${name}`,
      ),
      '-m mark ! --mark 0/0x30000 --jump RETURN',
      '--jump cali-pi-knp/default/f',
    ]);
  });
  it('of interfaces with the same next character are below a prefix', () => {
    const chains = dispatchChains(['calib1', 'calia2', 'calia1']);
    expect(chains.map(({ name }) => name)).toEqual([
      'cali-from-wl-dispatch-a',
      'cali-from-wl-dispatch',
      'cali-to-wl-dispatch-a',
      'cali-to-wl-dispatch',
    ]);
    expect(lines(chains[0]!)).toEqual([
      '--in-interface calia1 --goto cali-fw-calia1',
      '--in-interface calia2 --goto cali-fw-calia2',
      '--jump DROP',
    ]);
    expect(lines(chains[1]!)).toEqual([
      '--in-interface calia+ --goto cali-from-wl-dispatch-a',
      '--in-interface calib1 --goto cali-fw-calib1',
      '--jump DROP',
    ]);
    expect(dispatchChains([]).map(lines)).toEqual([['--jump DROP'], ['--jump DROP']]);
  });
  it('have at most 28 characters, sets 31', () => {
    expect(chainName('cali-pi-', 'knp/default/allow-db')).toBe('cali-pi-knp/default/allow-db');
    expect(chainName('cali-pi-', 'knp/default/allow-db2')).toMatch(/^cali-pi-_[\w-]{19}$/);
    expect(setName('IPv6', `s:${'x'.repeat(40)}`)).toBe(`cali60s:${'x'.repeat(23)}`);
  });
});
