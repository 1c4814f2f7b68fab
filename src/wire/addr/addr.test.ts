import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareAddr,
  isLoopback,
  isMulticast,
  isZero,
  multicastMac,
  parseAddr,
  printAddr,
} from './ip.ts';
import { isBroadcastLimited, parseIpv4, printIpv4 } from './ipv4.ts';
import { eui64LinkLocal, isLinkLocal6, parseIpv6, printIpv6, solicitedNode } from './ipv6.ts';
import { MAC_BROADCAST, MAC_ZERO, isMulticastMac, parseMac, printMac } from './mac.ts';
import { broadcastOf, contains, network, parsePrefix, printPrefix } from './prefix.ts';
import type { Ipv4, Ipv6, Mac, Prefix } from './types.ts';

const ipv4 = fc.nat({ max: 0xffffffff }).map((n) => n as Ipv4);
const ipv6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((n) => n as Ipv6);
const mac = fc.nat({ max: 0xffffffffffff }).map((n) => n as Mac);
const prefix = fc.oneof(
  fc.record({ addr: ipv4, length: fc.nat({ max: 32 }) }),
  fc.record({ addr: ipv6, length: fc.nat({ max: 128 }) }),
) as fc.Arbitrary<Prefix>;
const addr = (text: string) => parseAddr(text)!;
const mustMac = (text: string) => parseMac(text)!;
const mustV6 = (text: string) => parseIpv6(text)!;

describe('text', () => {
  it('reads a dotted tail as it stands', () => {
    expect(mustV6('::1.2.3.4')).toBe(0x01020304n);
    expect(mustV6('::ffff:1.2.3.4')).toBe(0xffff01020304n);
    expect(mustV6('64:ff9b::192.0.2.33')).toBe(mustV6('64:ff9b::c000:221'));
    expect(parseIpv6('::1.2.3.400')).toBeNull();
  });

  it('IPv4, IPv6, MAC and prefixes survive print and parse', () => {
    fc.assert(fc.property(ipv4, (a) => parseIpv4(printIpv4(a)) === a));
    fc.assert(fc.property(ipv6, (a) => parseIpv6(printIpv6(a)) === a));
    fc.assert(fc.property(mac, (a) => parseMac(printMac(a)) === a));
    fc.assert(
      fc.property(prefix, (p) => {
        expect(parsePrefix(printPrefix(p))).toEqual(p);
      }),
    );
  });
  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1e1.2.3.4',
    '0x7f.1',
    '1..2.3',
  ])('is no IPv4 address: %j', (text) => expect(parseIpv4(text)).toBeNull());
  it.each([
    '',
    ':',
    ':::',
    '1.2.3.4',
    'fe80::1%eth0',
    '1::2::3',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
  ])('is no IPv6 address: %j', (text) => expect(parseIpv6(text)).toBeNull());
  it.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::FFFF:10.0.0.1', '::ffff:10.0.0.1'],
    ['fd00:10:244::5', 'fd00:10:244::5'],
  ])('RFC 5952: %s prints as %s', (text, canonical) => {
    expect(printIpv6(mustV6(text))).toBe(canonical);
  });
  it.each([
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/-1',
    '1.2.3.4/08',
    '::/129',
    '/8',
    'default',
    '1.2.3.4/8/9',
  ])('is no prefix: %j', (text) => expect(parsePrefix(text)).toBeNull());
  it('takes a bare address for a host prefix', () => {
    expect(printPrefix(parsePrefix('10.0.0.5')!)).toBe('10.0.0.5/32');
    expect(printPrefix(parsePrefix('fd00::5')!)).toBe('fd00::5/128');
  });
  it('prints MACs in lower case', () => {
    expect(printMac(mustMac('0A:58:0A:F4:01:0A'))).toBe('0a:58:0a:f4:01:0a');
    expect(printMac(MAC_ZERO)).toBe('00:00:00:00:00:00');
    expect(printMac(MAC_BROADCAST)).toBe('ff:ff:ff:ff:ff:ff');
    expect(parseMac('0a-58-0a-f4-01-0a')).toBeNull();
  });
});

describe('prefixes', () => {
  it.each([
    ['10.244.1.0/24', '10.244.1.255', true],
    ['10.244.1.0/24', '10.244.2.0', false],
    ['10.244.1.7/24', '10.244.1.1', true],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['128.0.0.0/1', '200.0.0.1', true],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['10.0.0.1/32', '10.0.0.2', false],
    ['::/0', '10.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
    ['fd00::/8', 'fdff::1', true],
    ['fd00:10:244::/64', 'fd00:10:244:1::1', false],
  ])('%s contains %s: %s', (text, member, expected) => {
    expect(contains(parsePrefix(text)!, addr(member))).toBe(expected);
  });
  it('contains its address, its network and its broadcast address', () => {
    fc.assert(
      fc.property(prefix, (p) => {
        expect(contains(p, p.addr)).toBe(true);
        expect(contains(p, network(p).addr)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(ipv4, fc.nat({ max: 32 }), (a, length) => {
        expect(contains({ addr: a, length }, broadcastOf({ addr: a, length }))).toBe(true);
      }),
    );
  });
  it('has a network and a broadcast address', () => {
    const p = parsePrefix('172.18.5.9/16') as Prefix<Ipv4>;
    expect(printPrefix(network(p))).toBe('172.18.0.0/16');
    expect(printIpv4(broadcastOf(p))).toBe('172.18.255.255');
    expect(printPrefix(network(parsePrefix('fd00:1:2:3:4::9/64')!))).toBe('fd00:1:2:3::/64');
  });
});

describe('classes', () => {
  it('knows them', () => {
    expect(isLoopback(addr('127.3.2.1'))).toBe(true);
    expect(isLoopback(addr('::1'))).toBe(true);
    expect(isLoopback(addr('128.0.0.1'))).toBe(false);
    expect(isMulticast(addr('239.1.1.1'))).toBe(true);
    expect(isMulticast(addr('240.0.0.1'))).toBe(false);
    expect(isMulticast(addr('ff02::1'))).toBe(true);
    expect(isBroadcastLimited(parseIpv4('255.255.255.255')!)).toBe(true);
    expect(isZero(addr('0.0.0.0')) && isZero(addr('::'))).toBe(true);
    expect(isLinkLocal6(mustV6('febf::1'))).toBe(true);
    expect(isLinkLocal6(mustV6('fec0::1'))).toBe(false);
    expect(isMulticastMac(mustMac('01:00:5e:00:00:01'))).toBe(true);
    expect(isMulticastMac(mustMac('02:00:5e:00:00:01'))).toBe(false);
  });
  it('orders IPv4 before IPv6', () => {
    const sorted = ['::1', '10.0.0.2', '9.0.0.1', 'fe80::1'].map(addr).sort(compareAddr);
    expect(sorted.map(printAddr)).toEqual(['9.0.0.1', '10.0.0.2', '::1', 'fe80::1']);
  });
});

describe('derived addresses', () => {
  it('solicited node, group MACs and EUI-64', () => {
    expect(printIpv6(solicitedNode(mustV6('fd00::a:bc12:3456')))).toBe('ff02::1:ff12:3456');
    expect(printMac(multicastMac(addr('224.0.0.251')))).toBe('01:00:5e:00:00:fb');
    expect(printMac(multicastMac(addr('239.255.1.2')))).toBe('01:00:5e:7f:01:02');
    expect(printMac(multicastMac(addr('ff02::1:ff12:3456')))).toBe('33:33:ff:12:34:56');
    expect(printIpv6(eui64LinkLocal(mustMac('02:42:ac:11:00:02')))).toBe('fe80::42:acff:fe11:2');
  });
});
