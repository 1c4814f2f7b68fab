// Every match without memory: options, what the packet is like, and why it does not fit (null: it fits).
// `test` and `explain` of a module must agree.
import { describe, expect, it } from 'vitest';
import type { Mac } from '../../wire/addr/types.ts';
import type { Family, HookName, TableName } from '../../trace/types.ts';
import { compileRuleset } from '../compile.ts';
import { whyNot } from '../explain.ts';
import { actionsOn, connection, ruleOf, rulesetOf, viewOf, type PacketParts } from '../fixtures.ts';
import type { NfView } from '../types.ts';
import { walk } from '../walk.ts';
import { matches } from './index.ts';

type Row = readonly [
  options: string,
  parts: PacketParts,
  why: string | null,
  more?: Partial<NfView>,
];

function check(
  rows: readonly Row[],
  table: TableName = 'filter',
  chain: HookName = 'FORWARD',
  family: Family = 'ipv4',
): void {
  for (const [options, parts, why, more = {}] of rows)
    it(`${options} ${JSON.stringify(parts)}: ${why ?? 'fits'}`, () => {
      const view = viewOf(parts, { ...more, family, table, hook: chain });
      expect(whyNot(ruleOf(options, table, chain, family), view)).toBe(why ?? 'it matches');
      const text = `*${table}\n-A ${chain} ${options} -j DROP\nCOMMIT\n`;
      const compiled = compileRuleset(rulesetOf(text, family));
      const { act } = actionsOn(view);
      const { verdict, steps } = walk(compiled, table, chain, view, act, { left: 9 });
      expect(verdict === 'drop' && steps.length === 1).toBe(why === null);
    });
}

describe('head of a rule', () =>
  check([
    ['-s 10.244.0.0/16', {}, null],
    ['! -s 10.244.0.0/16', {}, 'source 10.244.1.10 is in 10.244.0.0/16'],
    ['-d 10.96.0.21', {}, 'destination 10.96.0.20 is not in 10.96.0.21/32'],
    ['-i cni+', {}, null],
    ['-i eth0', {}, 'in device cni0 is not eth0'],
    ['! -i eth0', {}, null, { in: null }],
    ['-o eth0', {}, 'there is no out device', { out: null }],
    ['-p udp', {}, 'protocol tcp is not udp'],
    ['! -p tcp', {}, 'protocol tcp is tcp'],
    ['-f', {}, 'it is not a later fragment'],
    ['! -f', { fragOffset: 800, proto: 47 }, 'it is a later fragment'],
  ]));

describe('tcp, udp, icmp, multiport', () =>
  check([
    ['-p tcp --dport 443', {}, 'dport 80 is not 443'],
    ['-p tcp --dport 80:90 --sport 40000', {}, null],
    ['-p tcp ! --dport 80:90', {}, 'dport 80 is in 80:90'],
    ['-p tcp --syn', {}, null],
    ['-p tcp --syn', { flags: 'SA' }, 'TCP flags SYN,ACK: of FIN,SYN,RST,ACK not exactly SYN set'],
    ['-p tcp ! --syn', { flags: 'A' }, null],
    ['-p tcp --tcp-flags ALL NONE', { flags: '' }, null],
    ['-p tcp --tcp-option 2', {}, 'TCP option 2 is not there'],
    ['-p tcp --tcp-option 2', { options: [{ kind: 'mss', value: 1460 }] }, null],
    [
      '-p tcp -m tcpmss --mss 1:1400',
      { options: [{ kind: 'mss', value: 1460 }] },
      'MSS 1460 is not 1:1400',
    ],
    ['-p tcp -m tcpmss --mss 1:1400', {}, 'the packet has no MSS option'],
    ['-p udp --dport 53', { proto: 'udp', dport: 53 }, null],
    ['-p udp --sport 53', { proto: 'udp' }, 'sport 40000 is not 53'],
    ['-p icmp --icmp-type echo-request', { proto: 'icmp' }, null],
    ['-p icmp --icmp-type 3/4', { proto: 'icmp', icmp: [3, 1] }, 'ICMP type 3/1 is not 3/4'],
    ['-p icmp --icmp-type any', { proto: 'icmp', icmp: [3, 1] }, null],
    ['-p tcp -m multiport --dports 22,80:90', {}, null],
    ['-p tcp -m multiport ! --dports 22,80:90', {}, 'dport 80 is one of 22,80:90'],
    ['-p tcp -m multiport --sports 22', {}, 'sport 40000 is not one of 22'],
    ['-p tcp -m multiport --ports 22', {}, 'sport 40000, dport 80 is not one of 22'],
    ['-p sctp -m sctp --dport 80', { proto: 132 }, 'the packet has no SCTP header'],
  ]));

const tracked = (more = {}): Partial<NfView> => ({ ct: connection(more), ctState: 'ESTABLISHED' });
describe('conntrack, state, marks', () =>
  check([
    ['-m conntrack --ctstate NEW', {}, null],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', {}, 'ctstate NEW is not RELATED,ESTABLISHED'],
    [
      '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT',
      {},
      'ctstate ESTABLISHED,DNAT is RELATED,ESTABLISHED,DNAT',
      tracked(),
    ],
    ['-m conntrack --ctstate DNAT', {}, null, tracked()],
    ['-m conntrack --ctstate SNAT', {}, 'ctstate ESTABLISHED,DNAT is not SNAT', tracked()],
    ['-m conntrack --ctstate INVALID', {}, null, { ctState: 'INVALID' }],
    ['-m conntrack --ctstate UNTRACKED', {}, null, { ctState: 'UNTRACKED' }],
    ['-m conntrack --ctstate INVALID --ctdir REPLY', {}, null, { ctState: 'INVALID' }],
    ['-m conntrack --ctdir REPLY', {}, 'the packet belongs to no connection'],
    ['-m conntrack --ctdir REPLY', {}, 'the packet goes in original direction', tracked()],
    ['-m conntrack --ctorigdst 10.96.0.0/12 --ctorigdstport 80', {}, null, tracked()],
    [
      '-m conntrack --ctreplsrc 10.244.9.9',
      {},
      'ctreplsrc 10.244.2.10 is not 10.244.9.9',
      tracked(),
    ],
    ['-m conntrack ! --ctreplsrcport 8080', {}, 'ctreplsrcport 8080 is 8080', tracked()],
    ['-m conntrack --ctproto udp', {}, 'ctproto tcp is not 17', tracked()],
    [
      '-m conntrack --ctstatus ASSURED',
      {},
      'ctstatus SEEN_REPLY,CONFIRMED is not ASSURED',
      tracked(),
    ],
    ['-m conntrack --ctstatus CONFIRMED --ctexpire 10:60', {}, null, tracked()],
    ['-m conntrack --ctexpire 10', {}, 'the connection expires in 30 s, not in 10', tracked()],
    ['-m state --state ESTABLISHED', {}, 'state NEW is not ESTABLISHED'],
    ['-m mark --mark 0x4000/0x4000', {}, null, { mark: 0xc000 }],
    ['-m mark ! --mark 0x4000/0x4000', {}, 'mark 0xc000 is 0x4000/0x4000', { mark: 0xc000 }],
    ['-m connmark --mark 0x80/0x80', {}, 'the packet belongs to no connection'],
    ['-m connmark --mark 0x80/0x80', {}, null, tracked({ mark: 0x80 })],
    [
      '-m connmark --mark 0x80/0x80',
      {},
      'connection mark 0x1 is not 0x80/0x80',
      tracked({ mark: 1 }),
    ],
  ]));

describe('addresses, devices, link layer', () => {
  const local: Partial<NfView> = { addrType: (_, dev) => (dev === 'eth9' ? 'unicast' : 'local') };
  check([
    ['-m addrtype --dst-type LOCAL', {}, '10.96.0.20 is UNICAST, not LOCAL'],
    ['-m addrtype --dst-type LOCAL,BROADCAST', {}, null, local],
    ['-m addrtype ! --src-type LOCAL', {}, '10.244.1.10 is LOCAL, LOCAL', local],
    [
      '-m iprange --src-range 10.244.1.1-10.244.1.9',
      {},
      '10.244.1.10 is not in 10.244.1.1-10.244.1.9',
    ],
    ['-m iprange ! --dst-range 10.96.0.1-10.96.0.9', {}, null],
    ['-m mac --mac-source 02:00:00:00:00:aa', {}, null],
    [
      '-m mac ! --mac-source 02:00:00:00:00:ab',
      {},
      'no Ethernet header brought the packet',
      { srcMac: null },
    ],
    [
      '-m mac ! --mac-source 02:00:00:00:00:ab',
      {},
      'source MAC 02:00:00:00:00:ab is 02:00:00:00:00:ab',
      { srcMac: 0x0200000000ab as Mac },
    ],
    ['-m length --length 100:', {}, 'length 60 is not 100:65535'],
    ['-m ttl --ttl-lt 64', {}, 'TTL 64 is not less than 64'],
    ['-m ttl ! --ttl-eq 64', { ttl: 63 }, null],
    ['-m pkttype --pkt-type broadcast', {}, 'packet type host is not broadcast'],
    ['-m pkttype --pkt-type multicast', { dst: '224.0.0.5' }, null, { packetType: 'loopback' }],
    [
      '-m physdev --physdev-is-bridged',
      {},
      'the packet is bridged to a port: no',
      { physin: 'veth1' },
    ],
    ['-m physdev --physdev-is-bridged', {}, null, { physin: 'veth1', physout: 'veth2' }],
    ['-m physdev ! --physdev-is-in', {}, null],
    ['-m physdev --physdev-in veth+', {}, null, { physin: 'veth1' }],
    [
      '-m physdev --physdev-in veth2',
      {},
      'physical in port veth1 is not veth2',
      { physin: 'veth1' },
    ],
    ['-m physdev ! --physdev-out veth2', {}, null],
    ['-m nfacct --nfacct-name x', {}, null],
    ['-m comment --comment "a b"', {}, null],
  ]);
  check(
    [
      [
        '-m addrtype --dst-type LOCAL --limit-iface-in',
        {},
        '10.96.0.20 is UNICAST on eth9, not LOCAL',
        { ...local, in: 'eth9' },
      ],
    ],
    'filter',
    'INPUT',
  );
  check(
    [
      ['-m rpfilter --invert', {}, 'the way back to 10.244.1.10 leads out of cni0'],
      ['-m rpfilter --invert', {}, null, { reversePath: () => false }],
    ],
    'raw',
    'PREROUTING',
  );
  check(
    [
      ['-m owner --uid-owner 0', {}, 'no local socket sent the packet'],
      ['-m owner ! --uid-owner 0', {}, null],
      ['-m owner --uid-owner 0-10', {}, null, { owner: () => ({ uid: 5, gid: 5 }) }],
      ['-m owner --gid-owner 7', {}, 'gid 5 is not 7', { owner: () => ({ uid: 5, gid: 5 }) }],
      [
        '-m owner ! --socket-exists',
        {},
        'a local socket sent the packet',
        { owner: () => ({ uid: 5, gid: 5 }) },
      ],
    ],
    'filter',
    'OUTPUT',
  );
});

describe('IPv6', () =>
  check(
    [
      ['-s fd00::/64 -d fd00:96::14/128', { src: 'fd00::5', dst: 'fd00:96::14' }, null],
      [
        '-d fd00:96::14/128',
        { src: 'fd00::5', dst: 'fd00:97::14' },
        'destination fd00:97::14 is not in fd00:96::14/128',
      ],
      [
        '-p icmpv6 --icmpv6-type echo-request',
        { src: 'fd00::5', dst: 'fd00::6', proto: 'icmp' },
        null,
      ],
      [
        '-p icmpv6 --icmpv6-type 2',
        { src: 'fd00::5', dst: 'fd00::6', proto: 'icmp' },
        'ICMP type 128/0 is not 2',
      ],
      ['-m hl --hl-gt 64', { src: 'fd00::5', dst: 'fd00::6' }, 'hop limit 64 is not more than 64'],
      [
        '-m addrtype --dst-type MULTICAST',
        { src: 'fd00::5', dst: 'fd00::6' },
        'fd00::6 is UNICAST, not MULTICAST',
      ],
      ['-m addrtype --dst-type LOCAL', { src: 'fd00::5', dst: '::1' }, null],
    ],
    'filter',
    'FORWARD',
    'ipv6',
  ));

describe('registry', () => {
  it.each(Object.entries(matches))('%s is registered under its name', (name, module) => {
    expect(module.name).toBe(name);
    for (const arity of Object.values(module.options)) expect(arity).toMatch(/^!?[012]$/);
  });
});
