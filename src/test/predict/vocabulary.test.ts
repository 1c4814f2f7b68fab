// Every key of every recording's topology and steps is one that the types of src/network have.
import { describe, expect, it } from 'vitest';
import { readRecordings, recordingsFolder } from '../judge/recording.ts';
import { unknownKeys, unknownStepKeys } from './vocabulary.ts';

const recordings = readRecordings(recordingsFolder);

describe('the vocabulary of a network', () => {
  it('has every key of every recording', () => {
    expect(recordings.length).toBeGreaterThan(90);
    const unknown = recordings.flatMap(({ id, topology, steps }) => [
      ...unknownKeys(topology, 'network', id),
      ...steps.flatMap((step, i) => unknownStepKeys(step, `${id}.steps[${i}]`)),
    ]);
    expect(unknown).toEqual([]);
  });

  it('has no other: an unknown key is found wherever it stands', () => {
    const device = {
      name: 'eth0',
      type: 'veth',
      colour: 'red',
      vxlan: { vni: 1, dstport: 2, ttl: 3 },
    };
    const routes = [
      { dst: 'default', via: null },
      { dst: 'default', realm: 4 },
    ];
    const topology = {
      namespaces: [{ name: 'a', kind: 'pod', devices: [device], routes }],
      cables: [],
    };
    expect(unknownKeys(topology, 'network', 'n')).toEqual([
      'n.namespaces[0].devices[0].colour',
      'n.namespaces[0].devices[0].vxlan.ttl',
      'n.namespaces[0].routes[1].realm',
      'n.cables',
    ]);
    const flow = { do: 'flow', id: 'f', parallel: [{ id: 'g', proto: 'udp', mood: 1 }] };
    expect(unknownStepKeys(flow, 's')).toEqual(['s.parallel[0].mood']);
    expect(unknownStepKeys({ do: 'dance' }, 's')).toEqual(['s: do dance is no step']);
    expect(unknownKeys({ toString: 1 }, 'exec', 's')).toEqual(['s.toString']);
  });
});
