import { describe, expect, it } from 'vitest';
import type { LinuxNetwork } from '../../network/types.ts';
import type { RecordingInput } from '../predict/recording.ts';
import { KNOWN } from './known.ts';
import { variation } from './vary/index.ts';

const network = (podMtu: number, hostMtu: number): LinuxNetwork => ({
  namespaces: [
    {
      name: 'pod',
      kind: 'pod',
      devices: [
        { name: 'lo', type: 'loopback', addresses: ['127.0.0.1/8'] },
        { name: 'eth0', type: 'veth', mtu: podMtu, peer: { ns: 'node', dev: 'veth0' } },
      ],
    },
    {
      name: 'node',
      kind: 'node',
      devices: [{ name: 'veth0', type: 'veth', mtu: hostMtu, peer: { ns: 'pod', dev: 'eth0' } }],
    },
  ],
});
const flow = { id: 'f', proto: 'tcp', ns: 'pod', dst: '10.0.0.1', dport: 80 };
const heldBy = (input: Omit<RecordingInput, 'id'>): readonly string[] =>
  KNOWN.filter(({ holds }) => holds({ id: 'x', ...input })).map(({ name }) => name);

describe('known differences', () => {
  it('are three at most', () => {
    expect(KNOWN.length).toBeLessThanOrEqual(3);
  });

  it('are found by the smallest topology that shows them, and by no other', () => {
    const large = { do: 'flow' as const, ...flow, request_bytes: 3000 };
    const both = { do: 'flow' as const, id: 'both', parallel: [large, { ...large, id: 'g' }] };
    const home = { do: 'flow' as const, ...flow, dst: '127.0.0.1', request_bytes: 150_000 };
    expect([
      heldBy({ topology: network(1500, 1450), steps: [large] }),
      heldBy({ topology: network(1500, 1500), steps: [home] }),
      heldBy({ topology: network(1400, 1400), steps: [both] }),
      heldBy({ topology: network(1500, 1500), steps: [large, both] }),
    ]).toEqual([[KNOWN[0]?.name], [KNOWN[1]?.name], [KNOWN[2]?.name], []]);
  });

  it('leave nearly all variations to be checked', () => {
    const left = Array.from({ length: 500 }, (_, n) => variation(1, n)).filter((one) =>
      KNOWN.every(({ holds }) => !holds(one)),
    );
    expect(left.length).toBeGreaterThan(480);
  });
});
