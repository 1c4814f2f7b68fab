// A packet that a NetworkPolicy forbids: told is which rule dropped it, who wrote it and for what.
import { expect, it } from 'vitest';
import { run } from '../../kernel/run.ts';
import { compiled } from '../../test/cluster-run.ts';
import { expectShowable } from '../../test/showable.ts';
import { leaves } from '../../trace/steps/fine.ts';
import { stepsOf } from '../../trace/steps/index.ts';
import { tell } from './index.ts';

const pod = (name: string): string => `---
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: node-a, containers: [{name: c, ports: [{containerPort: 80}]}]}
`;
const POLICY = `---
kind: NetworkPolicy
metadata: {name: nobody}
spec: {podSelector: {matchLabels: {app: b}}}
`;

it('a packet that no policy allows', () => {
  const { network, pods } = compiled(
    {
      subnets: [{ name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' }],
      cni: { name: 'calico' },
    },
    pod('a') + pod('b') + POLICY,
  );
  const dst = pods.find(({ netns }) => netns === 'b')?.ip ?? '';
  const trace = run({
    network,
    steps: [{ do: 'flow', id: 'f', ns: 'a', dst, dport: 80 }],
    seed: 1,
  });
  expectShowable(trace);
  const told = leaves(stepsOf(trace, 'overview')).map((step) => tell(trace, step));
  const lost = told.find(({ title }) => title.startsWith('DROPPED'));
  expect(lost?.why).toMatch(
    /^Rule \d+ of cali-tw-\w+ in table filter drops it, written by felix for Pod default\/b: “End of tier default\. Drop if no policies passed packet”\.$/,
  );
});
