import { describe, expect, it } from 'vitest';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { parseManifests } from './parse.ts';

const said = (text: string): string[] => parseManifests(text).diagnostics.map(printDiagnostic);
const pod = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: c}]\n${more}`;

describe('parseManifests', () => {
  it('takes several documents, lists and JSON', () => {
    const text = [
      pod('a'),
      '# nothing here',
      JSON.stringify({
        kind: 'List',
        items: [{ kind: 'Pod', metadata: { name: 'b' }, spec: { containers: [{ name: 'c' }] } }],
      }),
    ].join('\n---\n');
    const { objects, diagnostics } = parseManifests(text);
    expect(objects.map(({ object, place }) => [object.metadata.name, place.line])).toEqual([
      ['a', 1],
      ['b', 10],
    ]);
    expect(diagnostics).toEqual([]);
  });
  it('takes the typed lists of an API server, whose items have no kind', () => {
    const items = [{ metadata: { name: 'a' }, spec: { containers: [{ name: 'c' }] } }];
    const { objects, diagnostics } = parseManifests(
      JSON.stringify({ apiVersion: 'v1', kind: 'PodList', metadata: {}, items }),
    );
    expect(objects.map(({ object }) => [object.kind, object.metadata.name])).toEqual([
      ['Pod', 'a'],
    ]);
    expect(diagnostics).toEqual([]);
  });
  it('is quiet about what does not touch a packet', () => {
    const text = pod('a', 'status: {phase: Running, hostIP: 1.2.3.4, conditions: null}\n').replace(
      '[{name: c}]',
      '[{name: c, resources: {limits: {cpu: 1}}, env: [{name: X, value: y}]}]',
    );
    expect(said(text)).toEqual([]);
    expect(said('kind: Secret\nmetadata: {name: s}')).toEqual([]);
  });
  it('names kinds and fields that would change the path', () => {
    expect(said('apiVersion: v1\nkind: Ingress\nmetadata: {name: i}')).toEqual([
      'warning manifests:2:1: Ingress is not modelled: the journey is computed without it',
    ]);
    expect(said(pod('a', '  affinity: {nodeAffinity: {}}\n'))[0]).toMatch(
      /^warning manifests:6:3: `spec.affinity` is not used by the scheduler here/,
    );
  });
  it('points to the mistake', () => {
    expect(
      said('kind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n    - port: 99999\n'),
    ).toEqual([
      'error manifests:6:7: `spec.ports[0].port`: a port is at most 65535 (expected <=65535)',
    ]);
    expect(said('kind: Service\nmetadata: {}\nspec: {}\n')).toEqual([
      'error manifests:2:1: `metadata.name` is missing (add `metadata.name`)',
    ]);
    expect(said('metadata: {name: x}')[0]).toMatch(/it has no `kind`/);
    expect(said('a: [1')[0]).toMatch(/^error manifests:1:/);
  });
  it('names an object that is written twice, with the line of the first', () => {
    expect(said(`${pod('a')}---\n${pod('a')}`)).toEqual([
      'error manifests:7:1: Pod default/a is written twice (first at line 1) (rename one of them, or merge them)',
    ]);
  });
  it('ends at its bounds with a sentence', () => {
    expect(said('x'.repeat(1_000_001))[0]).toMatch(/1000001 characters/);
    expect(said(`a: ${'['.repeat(100)}${']'.repeat(100)}`)[0]).toMatch(/nested deeper than 64/);
    expect(said('['.repeat(200_000))[0]).toMatch(/^error/);
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [i, name] of ['b', 'c', 'd', 'e', 'f', 'g'].entries())
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${'abcdef'[i]}`).join(', ')}]`);
    expect(said(bomb.join('\n'))[0]).toMatch(/aliases multiply/);
  });
});
