import { describe, expect, it } from 'vitest';
import { factsOf } from './facts.ts';
import { packet, viewOf } from './fixtures.ts';
import { createSets } from './ipset.ts';
import { inSet, packetElement } from './ipset-test.ts';

const one = (type: string, entries: readonly string[], family?: string) => {
  const { sets, diagnostics } = createSets(
    [{ name: 's', type, entries, ...(family ? { family } : {}) }],
    'node',
  );
  return {
    sets,
    set: sets.get('s'),
    diagnostics: diagnostics.map(({ severity, reason }) => `${severity} ${reason}`),
  };
};

describe('createSets', () => {
  it.each([
    ['hash:ip', ['10.0.0.1', '10.0.0.0/24', '10.0.0.1-10.0.0.5'], []],
    ['hash:ip', ['fd00::1'], ['error set s: entry "fd00::1": "fd00::1" is not an ipv4 address']],
    ['hash:ip,port', ['10.0.0.1,tcp:80', '10.0.0.1,udp:5-9', '10.0.0.1,99'], []],
    [
      'hash:ip,port',
      ['10.0.0.1'],
      ['error set s: entry "10.0.0.1": it has 1 parts where the type has 2'],
    ],
    [
      'hash:ip,port',
      ['10.0.0.1,tcp:99999'],
      ['error set s: entry "10.0.0.1,tcp:99999": "tcp:99999" is not a port or a range of ports'],
    ],
    [
      'hash:net',
      ['10.0.0.0/8 timeout 600'],
      ['warning set s: timeout 600 of entry "10.0.0.0/8 timeout 600" is not modelled'],
    ],
    ['hash:net,iface', ['10.0.0.0/8,physdev:veth1'], []],
    ['hash:ip,port', ['10.0.0.1,icmp:8/0', '10.0.0.1,icmp:echo-request', '10.0.0.1,icmp:2048'], []],
    [
      'hash:ip,port',
      ['10.0.0.1,icmp:nonsense'],
      ['error set s: entry "10.0.0.1,icmp:nonsense": "icmp:nonsense" is not an ICMP type'],
    ],
    ['hash:nonsense', [], ['error set s: type hash:nonsense is not modelled']],
    ['list:set', ['other'], ['error set s: member other does not exist']],
  ])('%s %j', (type, entries, want) => expect(one(type, entries).diagnostics).toEqual(want));
});

describe('is a packet in a set', () => {
  it('has one entry of what is the same', () => {
    const entries = ['10.0.0.1', '10.0.0.1/32', '10.0.0.2'];
    expect([...(one('hash:ip', entries).set?.entries.keys() ?? [])]).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ]);
  });
  it.each([
    ['hash:net,iface', ['10.244.0.0/16,cni0'], ['src', 'src'], true],
    ['hash:net,iface', ['10.244.0.0/16,eth0'], ['src', 'src'], false],
    ['hash:net,iface', ['10.244.0.0/16,physdev:veth1'], ['src', 'src'], true],
    ['hash:ip,port,net', ['10.96.0.20,tcp:80,10.244.0.0/16'], ['dst', 'dst', 'src'], true],
    ['bitmap:port', ['80'], ['dst'], true],
    ['bitmap:port', ['80'], ['src'], false],
    ['hash:mac', ['02:00:00:00:00:aa'], ['src'], true],
    ['hash:ip,mac', ['10.244.1.10,02:00:00:00:00:ab'], ['src', 'src'], false],
  ] as const)('%s %j %j: %s', (type, entries, sides, want) => {
    const { sets, set } = one(type, entries);
    const view = viewOf({}, { physin: 'veth1' });
    expect(set && inSet(sets, set, sides, factsOf(view.layers), view)).toBe(want);
  });
  it('sees a change at once', () => {
    const { sets, set } = one('hash:ip', ['10.0.0.1']);
    const view = viewOf();
    const asked = () => set && inSet(sets, set, ['src'], factsOf(view.layers), view);
    expect(asked()).toBe(false);
    const [added] = one('hash:ip', ['10.244.1.10']).set?.entries.values() ?? [];
    if (added) set?.entries.set(added.key, added);
    expect(asked()).toBe(true);
    set?.entries.delete('10.244.1.10');
    expect(asked()).toBe(false);
  });
  it('of the other family never', () => {
    const { sets, set } = one('hash:net', ['fd00::/8'], 'inet6');
    const view = viewOf();
    expect(set && inSet(sets, set, ['src'], factsOf(view.layers), view)).toBe(false);
  });
  it('tells the element that a packet is', () => {
    const view = viewOf();
    const facts = factsOf(packet({ proto: 'icmp', icmp: [8, 0] }));
    expect(packetElement(['ip', 'port', 'iface'], ['dst', 'dst', 'src'], facts, view)).toBe(
      '10.96.0.20,icmp:2048,cni0',
    );
  });
});
