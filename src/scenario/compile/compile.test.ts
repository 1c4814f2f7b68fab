import { describe, expect, it } from 'vitest';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { decodeScenario } from '../schema/decode.ts';
import { compileScenario } from './compile.ts';

const text = (timeline: string, manifests = '', cluster = ''): string =>
  `version: 1\nid: t\ntitle: t\n${cluster}manifests: |\n  # first line\n  kind: Pod\n  metadata: {name: client}\n  spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}\n${manifests}timeline:\n${timeline}`;
function compile(source: string) {
  const decoded = decodeScenario(source, 't.yaml');
  if (!decoded.ok) throw new Error(decoded.error.map(printDiagnostic).join('\n'));
  return compileScenario(decoded.value);
}
const said = (source: string): readonly string[] => {
  const compiled = compile(source);
  return (compiled.ok ? compiled.value.warnings : compiled.error).map(printDiagnostic);
};
const RUN = '  - run: {pod: client, command: curl http://node-a}\n';

describe('compileScenario', () => {
  it('turns the timeline into steps', () => {
    const compiled = compile(
      text(
        `${RUN}  - wait: 250\n  - change: {node: node-b, command: ip link set eth0 down}\n  - id: again\n    run: {node: node-a, command: "curl http://{client}"}\n    choose: {pod: client}\n`,
      ),
    );
    expect(compiled).toMatchObject({
      ok: true,
      value: {
        steps: [
          { do: 'flow', id: 'request', ns: 'client', dst: '192.168.1.11' },
          { do: 'sleep', ms: 250 },
          { do: 'exec', ns: 'node-b', cmd: 'ip link set eth0 down' },
          {
            do: 'flow',
            id: 'again',
            ns: 'node-a',
            dst: '10.244.1.2',
            command: 'curl http://10.244.1.2',
          },
        ],
        servedBy: ['', 'client'],
      },
    });
  });
  it('leaves the draw alone when nothing is chosen', () => {
    expect(compile(text(RUN))).toMatchObject({ ok: true, value: { servedBy: null } });
  });
  it('gives the same bytes every time', () => {
    expect(JSON.stringify(compile(text(RUN)))).toBe(JSON.stringify(compile(text(RUN))));
  });
  it.each([
    [
      '  - run: {pod: clint, command: curl http://x}\n',
      /^error t.yaml:10: there is no pod clint \(there are client\)/,
    ],
    [
      '  - run: {pod: client, command: wget http://x}\n',
      /wget is not modelled \(use one of curl, ping\)/,
    ],
    ['  - run: {pod: client, command: curl http://web}\n', /Could not resolve host: web/],
    [
      '  - run: {pod: client, command: "curl http://{web}"}\n',
      /\{web\} is no pod, machine or Service/,
    ],
    [`${RUN}    choose: {pod: nobody}\n`, /`choose` names no endpoint of this flow/],
  ])('points into the timeline (%#)', (timeline, expected) => {
    const [first = ''] = said(text(timeline));
    expect(first).toMatch(expected);
    expect(first).toMatch(/^error t\.yaml:10/);
  });
  it('points into the manifests, in lines and columns of the scenario', () => {
    expect(
      said(text(RUN, '  ---\n  kind: Service\n  metadata: {name: 7}\n  spec: {}\n'))[0],
    ).toMatch(/^error t\.yaml:11:14: `metadata\.name`/);
  });
  it('names sysctls that the engine does not look at', () => {
    const sysctls =
      'cluster:\n  sysctls: {net.core.somaxconn: 9, net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.rp_filter: 2, net.ipv4.neigh.default.gc_thresh1: 1}\n';
    expect(said(text(RUN, '', sysctls)).map((line) => /sysctl (\S+)/.exec(line)?.[1])).toEqual([
      'net.core.somaxconn',
      'net.ipv4.neigh.default.gc_thresh1',
    ]);
  });
  it('points to the cluster settings', () => {
    expect(said(text(RUN, '', 'cluster:\n  podCIDR: 10.0.0.0/24\n'))[0]).toMatch(
      /^error t\.yaml:4: no pod CIDR/,
    );
  });
});
