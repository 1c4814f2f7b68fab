import { describe, expect, it } from 'vitest';
import { endpointChain, endpointText, nftName, serviceChain } from './names.ts';
import { probability } from './probability.ts';

describe('chain names', () => {
  it.each([
    ['ns1/svc1:p80', 'XPGD46QRK7WJZT7O'],
    ['ns2/svc2:p80', 'GNZBNJ2PO5MGZ6GT'],
    ['ns1/svc1', 'AQI2S6QIMU7PVVRP'],
  ])('%s over tcp hashes to %s', (name, hash) => {
    for (const prefix of ['KUBE-SVC-', 'KUBE-SVL-', 'KUBE-FW-', 'KUBE-EXT-'] as const)
      expect(serviceChain(prefix, name, 'tcp')).toBe(prefix + hash);
  });
  it.each([
    ['ns1/svc1:p80', '10.180.0.1', 80, 'SXIVWICOYRO3J4NJ'],
    ['ns1/svc1:p80', 'ff06::c1', 80, 'LIGRYQQLSZN4UWQ5'],
    ['ns1/svc1', '10.0.1.3', 80, 'XGJFVO3L2O5SRFNT'],
    ['ns3/svc3:p8081', '203.0.113.4', 8081, 'RUVVH7YV3PHQBDOS'],
  ])('endpoint %s %s:%i hashes to %s', (name, ip, port, hash) => {
    expect(endpointChain(name, 'tcp', endpointText(ip, port))).toBe(`KUBE-SEP-${hash}`);
  });
  it('cuts nftables names that the kernel would not take', () => {
    expect(nftName('ns1/svc1/tcp/p80')).toBe('ULMVA6XW-ns1/svc1/tcp/p80');
    expect(nftName('x'.repeat(300))).toHaveLength(240);
  });
});

describe('probability', () => {
  it.each([
    [1, '1.0000000000'],
    [2, '0.5000000000'],
    [3, '0.3333333333'],
    [6, '0.1666666667'],
    [2048, '0.0004882812'],
    [100001, '0.0000099999'],
  ])('1/%i is %s', (n, text) => expect(probability(n)).toBe(text));
});
