import { describe, expect, it } from 'vitest';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { decodeScenario } from './decode.ts';
import { migrate } from './migrations.ts';
import { SCENARIO_VERSION } from './schema.ts';

const minimal = `version: 1
id: tiny
title: Two nodes
timeline:
  - run: {node: node-a, command: ping -c 1 node-b}
`;
const said = (text: string): string[] => {
  const decoded = decodeScenario(text);
  return decoded.ok ? [] : decoded.error.map(printDiagnostic);
};

describe('decodeScenario', () => {
  it('fills in a whole cluster', () => {
    const decoded = decodeScenario(minimal);
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        seed: 1,
        manifests: '',
        cluster: { cni: { name: 'flannel', backend: 'vxlan', vni: 1 } },
      },
    });
  });
  it('takes JSON as well', () => {
    const decoded = decodeScenario(minimal);
    const { lines: _, ...document } = decoded.ok ? decoded.value : { lines: null };
    expect(decodeScenario(JSON.stringify(document))).toMatchObject({ ok: true, value: document });
  });
  it.each([
    [`${minimal}sead: 3\n`, /^error scenario:6:1: `sead` is not a field here/],
    [minimal.replace('title: Two nodes\n', ''), /^error scenario:1:1: `title` is missing/],
    [`${minimal}cluster:\n  cni: {name: cilium}\n`, /^error scenario:7:\d+: `cluster.cni.name`/],
    [
      `${minimal}cluster:\n  cni: {name: flannel, vny: 2}\n`,
      /`cluster.cni.vny` is not a field here/,
    ],
    [`${minimal}cluster:\n  nodes: [{name: a, ip: 1.2.3}]\n`, /expected an address such as/],
    [minimal.replace('{node: node-a, ', '{pod: a, node: node-a, '), /name exactly one of/],
    [minimal.replace('version: 1', 'version: 99'), /newer version \(99\)/],
    [minimal.replace('version: 1', 'version: one'), /`version`/],
    ['', /the scenario is empty/],
    [`${minimal}---\n${minimal}`, /this text has several/],
    ['a: b: c', /^error scenario:1:/],
  ])('points to the mistake (%#)', (text, expected) => {
    const [first = '', ...rest] = said(text);
    expect(first).toMatch(expected);
    expect(rest).toEqual([]);
  });
});

describe('migrations', () => {
  it('lift a document version by version, and leave a current one alone', () => {
    const list = [
      { from: -1, up: (d: Readonly<Record<string, unknown>>) => ({ ...d, name: d['nom'] }) },
      {
        from: 0,
        up: ({ name, ...d }: Readonly<Record<string, unknown>>) => ({ ...d, title: name }),
      },
    ];
    expect(migrate({ version: -1, nom: 'x' }, 1, list)).toEqual({
      version: 1,
      nom: 'x',
      title: 'x',
    });
    expect(migrate({ version: 1, title: 'x' }, 1, list)).toEqual({ version: 1, title: 'x' });
  });
  it('exist for every version before the current one', () => {
    const versions = Array.from({ length: SCENARIO_VERSION }, (_, i) => i + 1);
    expect(versions.map((version) => migrate({ version }, SCENARIO_VERSION)['version'])).toEqual(
      versions.map(() => SCENARIO_VERSION),
    );
  });
});
