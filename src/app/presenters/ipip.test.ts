// A tunnel without Ethernet is told in words of its own: no frame, no UDP, no FDB.
import { expect, it } from 'vitest';
import { run } from '../../kernel/run.ts';
import { compiled } from '../../test/cluster-run.ts';
import { expectShowable } from '../../test/showable.ts';
import { leaves } from '../../trace/steps/fine.ts';
import { stepsOf } from '../../trace/steps/index.ts';
import { tell } from './index.ts';

const pod = (name: string, node: string): string => `---
kind: Pod
metadata: {name: ${name}}
spec: {nodeName: ${node}, containers: [{name: c, ports: [{containerPort: 80}]}]}
`;

it('IP in IP', () => {
  const { network, pods } = compiled(
    {
      subnets: [{ name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' }],
      cni: { name: 'calico', encapsulation: 'IPIP' },
    },
    pod('a', 'node-a') + pod('b', 'node-b'),
  );
  const dst = pods.find(({ netns }) => netns === 'b')?.ip ?? '';
  const trace = run({
    network,
    steps: [{ do: 'flow', id: 'f', ns: 'a', dst, dport: 80 }],
    seed: 1,
  });
  expectShowable(trace);
  const told = leaves(stepsOf(trace, 'overview')).map((step) => tell(trace, step));
  const all = told.map(({ title, what, why }) => `${title}: ${what} ${why}`).join('\n');
  expect(all).not.toMatch(/UDP|FDB|says {2}is/);
  for (const text of [
    'tunl0 asks nobody: The other end of tunl0 for this packet is 192.168.1.12.',
    'tunl0 wraps it: +20 bytes: tunl0 puts another IP header before the packet: from 192.168.1.11 to 192.168.1.12',
    'is an IP packet from 192.168.1.11 to 192.168.1.12, with another one inside',
    'Its protocol is 4, IP in IP.',
    'tunl0 unwraps it: −20 bytes',
  ])
    expect(all).toContain(text);
});
