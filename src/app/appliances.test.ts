// Journeys through what is no Linux box, drawn and told.
import { describe, expect, it } from 'vitest';
import { run } from '../kernel/run.ts';
import type { FlowSpec } from '../network/types.ts';
import { applianceCases } from '../test/live/appliances/cases.ts';
import { expectShowable } from '../test/showable.ts';
import { vpcNetwork } from '../test/vpc-network.ts';
import type { VpcSetting } from '../test/vpc-network.ts';
import { stepsOf } from '../trace/steps/index.ts';
import type { Trace } from '../trace/types.ts';
import { en } from './messages/en.ts';
import { factsOf } from './panels/kernel-facts.ts';
import { tell } from './presenters/index.ts';

const journey = (flow: Partial<FlowSpec>, setting: VpcSetting = {}): Trace => {
  const step: FlowSpec = { do: 'flow', id: 'f', proto: 'tcp', dport: 80, timeout_ms: 500, ...flow };
  return run({ network: vpcNetwork(setting), steps: [step], seed: 1 });
};

describe('a journey through a VPC', () => {
  it.each([
    ['on one subnet', { ns: 'a1', dst: '10.0.1.12' }],
    ['between subnets', { ns: 'a1', dst: '10.0.2.11' }],
    ['to nobody', { ns: 'a1', dst: '10.0.2.77' }],
    ['to the internet', { ns: 'a1', dst: '198.51.100.7' }],
    ['by the NAT gateway', { ns: 'b1', dst: '198.51.100.7' }],
    ['from the internet', { ns: 'internet', dst: '203.0.113.11' }],
    ['a ping', { ns: 'b1', dst: '198.51.100.7', proto: 'icmp' }],
    ['an ICMP error', { ns: 'a1', dst: '198.51.100.7', proto: 'udp', dport: 9 }],
  ])('%s can be drawn and told', (_, flow) => {
    expectShowable(journey(flow));
  });

  it.each(applianceCases().map((one) => [one.id, one] as const))(
    '%s can be drawn and told',
    (_, { topology, steps }) => {
      expectShowable(run({ network: topology, steps, seed: 1 }));
    },
  );

  it('is told in the words of a VPC', () => {
    const trace = journey({ ns: 'b1', dst: '198.51.100.7' });
    const text = stepsOf(trace, 'overview')
      .filter((step) => step.topic === 'appliance' || step.topic === 'wire')
      .map((step) => Object.values(tell(trace, step)).join(' '))
      .join('\n');
    for (const fact of [
      'route table rtb-private: “0.0.0.0/0 eni-nat”',
      '10.0.2.11 is an address of eni-b1',
      'in the place of 10.0.2.11:',
      'in the place of 10.0.1.100:',
    ])
      expect(text).toContain(fact);
  });

  it('shows the route beside the packet', () => {
    const trace = journey({ ns: 'b1', dst: '198.51.100.7' });
    const step = stepsOf(trace, 'overview').find((one) => one.kind === 'appliance.route')!;
    expect(factsOf(trace, step, en)).toContainEqual({
      label: en.packet.route,
      text: 'rtb-private',
      code: '0.0.0.0/0 eni-nat',
    });
  });

  it('says why it ends', () => {
    const trace = journey({ ns: 'a2', dst: '198.51.100.7' });
    const text = stepsOf(trace, 'overview')
      .map((step) => tell(trace, step).why)
      .join('\n');
    expect(text).toContain('10.0.1.12 has no public address');
  });
});
