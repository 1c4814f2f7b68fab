import { describe, expect, it } from 'vitest';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { parseManifests } from '../objects/parse.ts';
import { endpointSlices } from './endpoint-slices.ts';
import { expandWorkloads, MAX_PODS } from './expand.ts';
import { schedulePods } from './schedule.ts';
import { allocateServices } from './services.ts';

const nodes = [
  { name: 'node-b', labels: { disk: 'ssd' } },
  { name: 'node-a', labels: {} },
];
const pods = (text: string) => expandWorkloads(parseManifests(text).objects, ['node-a', 'node-b']);
const placed = (text: string) => schedulePods(pods(text).pods, nodes);
const workload = (kind: string, more: string, spec = ''): string =>
  `kind: ${kind}\nmetadata: {name: web}\nspec:\n  ${more}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]${spec}}\n`;

describe('workloads', () => {
  it('become pods with the names of real ones', () => {
    const names = (text: string) => pods(text).pods.map(({ pod }) => pod.metadata.name);
    const [one, two] = names(workload('Deployment', 'replicas: 2'));
    expect(one).toMatch(/^web-[bcdf4-9]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(two).not.toBe(one);
    expect(two?.slice(0, -5)).toBe(one?.slice(0, -5));
    expect(names(workload('Deployment', 'replicas: 2'))).toEqual([one, two]);
    expect(names(workload('Deployment', 'replicas: 1', ', nodeName: node-a'))[0]).not.toBe(one);
    expect(names(workload('StatefulSet', 'replicas: 2'))).toEqual(['web-0', 'web-1']);
    expect(
      pods(workload('DaemonSet', 'selector: {}')).pods.map((p) => p.pod.spec.nodeName),
    ).toEqual(['node-a', 'node-b']);
  });
  it('are bounded', () => {
    const { pods: made, diagnostics } = pods(workload('Deployment', 'replicas: 1000000000'));
    expect(made).toEqual([]);
    expect(printDiagnostic(diagnostics[0]!)).toContain(`more than ${MAX_PODS} pods`);
  });
});

describe('scheduler', () => {
  it('spreads pods of one owner, then evens out, then goes by name', () => {
    const client = 'kind: Pod\nmetadata: {name: client}\nspec: {containers: [{name: c}]}\n---\n';
    expect(placed(client + workload('Deployment', 'replicas: 3')).pods.map((p) => p.node)).toEqual([
      'node-a',
      'node-b',
      'node-a',
      'node-b',
    ]);
  });
  it('obeys nodeName and nodeSelector, and says why a pod stays Pending', () => {
    const where = (spec: string) => placed(workload('Deployment', 'replicas: 1', spec));
    expect(where(', nodeName: node-a').pods[0]?.node).toBe('node-a');
    expect(where(', nodeSelector: {disk: ssd}').pods[0]?.node).toBe('node-b');
    expect(where(', nodeSelector: {disk: tape}').diagnostics[0]?.reason).toMatch(
      /stays Pending: no node/,
    );
    expect(where(', nodeName: node-z').diagnostics[0]?.reason).toMatch(/there is no node node-z/);
  });
});

describe('services', () => {
  const allocate = (text: string) =>
    allocateServices(parseManifests(text).objects, ['10.96.0.0/12']);
  const service = (name: string, spec = ''): string =>
    `kind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}]${spec}}\n`;

  it('get an address by name, whatever else is there', () => {
    const alone = allocate(service('web')).services[0]?.service.spec.clusterIP;
    const both = allocate([service('api'), service('web')].join('---\n')).services[1];
    expect(alone).toMatch(/^10\.(9[6-9]|10\d|11[01])\./);
    expect(both?.service.spec.clusterIP).toBe(alone);
    expect(both?.service.spec.type).toBe('ClusterIP');
    expect(both?.service.spec.ports?.[0]).toEqual({ port: 80, protocol: 'TCP' });
  });
  it('keep what they were given, and may not share it', () => {
    const given = ', clusterIP: 10.96.0.20, type: NodePort';
    const { services, diagnostics } = allocate(
      [service('a', given), service('b', given)].join('---\n'),
    );
    expect(services[0]?.service.spec.clusterIP).toBe('10.96.0.20');
    expect(diagnostics[0]?.reason).toMatch(/belongs to Service default\/a already/);
    const ports = services.map((s) => s.service.spec.ports?.[0]?.nodePort ?? 0);
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(30000);
    expect(allocate(service('a', ', clusterIP: 1.2.3.4')).diagnostics[0]?.reason).toMatch(
      /not in the service CIDR/,
    );
    expect(allocate(service('a', ', clusterIP: None')).services[0]?.service.spec.clusterIP).toBe(
      'None',
    );
  });
});

describe('a document that was copied from a cluster', () => {
  const template = 'template: {spec: {containers: [{name: c}]}}';
  const owned = (kind: string, name: string): string =>
    `ownerReferences: [{apiVersion: apps/v1, kind: ${kind}, name: ${name}, controller: true}]`;
  const deployment = `---\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3, ${template}}\n`;
  const replicaSet = `---\nkind: ReplicaSet\nmetadata: {name: web-abc, ${owned('Deployment', 'web')}}\nspec: {replicas: 3, ${template}}\n`;
  const pod = (name: string, status = ''): string =>
    `---\nkind: Pod\nmetadata: {name: ${name}, labels: {pod-template-hash: abc}, ${owned('ReplicaSet', 'web-abc')}}\nspec: {containers: [{name: c}]}\n${status}`;
  const namesOf = (text: string) =>
    expandWorkloads(parseManifests(text).objects, ['node-a']).pods.map(
      (one) => one.pod.metadata.name,
    );

  it('has the pods of its workloads in it, once', () => {
    const both = pod('web-abc-1') + pod('web-abc-2');
    expect(namesOf(deployment + replicaSet + both)).toEqual(['web-abc-1', 'web-abc-2']);
    expect(namesOf(deployment + both)).toEqual(['web-abc-1', 'web-abc-2']);
    expect(namesOf(deployment + replicaSet)).toHaveLength(3);
    expect(namesOf(deployment)).toHaveLength(3);
    // Another namespace's Deployment of that name is somebody else.
    expect(
      namesOf(deployment.replace('name: web}', 'name: web, namespace: x}') + both),
    ).toHaveLength(5);
  });
  it('runs no pods that have ended', () => {
    expect(namesOf(pod('a', 'status: {phase: Succeeded, podIP: 10.244.1.2}\n') + pod('b'))).toEqual(
      ['b'],
    );
  });
});

describe('families of Services', () => {
  const dual = ['10.96.0.0/12', 'fd00:10:96::/112'];
  const allocate = (spec: string, ranges = dual) => {
    const { services, diagnostics } = allocateServices(
      parseManifests(`kind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]${spec}}\n`)
        .objects,
      ranges,
    );
    const one = services[0]?.service.spec;
    return {
      families: one?.ipFamilies,
      policy: one?.ipFamilyPolicy,
      ips: one?.clusterIPs?.map((ip) => (ip.includes(':') ? 6 : 4)),
      said: diagnostics.map(({ reason }) => reason),
    };
  };
  it.each([
    ['', ['IPv4'], 'SingleStack', [4]],
    [', ipFamilies: [IPv6]', ['IPv6'], 'SingleStack', [6]],
    [', clusterIP: "fd00:10:96::7"', ['IPv6'], 'SingleStack', [6]],
    [', ipFamilyPolicy: PreferDualStack', ['IPv4', 'IPv6'], 'PreferDualStack', [4, 6]],
    [
      ', ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6]',
      ['IPv6', 'IPv4'],
      'RequireDualStack',
      [6, 4],
    ],
    [', ipFamilies: [IPv4, IPv6]', ['IPv4', 'IPv6'], 'RequireDualStack', [4, 6]],
  ])('%s', (spec, families, policy, ips) => {
    expect(allocate(spec)).toEqual({ families, policy, ips, said: [] });
  });
  it('say what the cluster cannot give', () => {
    const one = ['10.96.0.0/12'];
    expect(allocate(', ipFamilyPolicy: PreferDualStack', one).families).toEqual(['IPv4']);
    expect(allocate(', ipFamilyPolicy: RequireDualStack', one).said).toEqual([
      'Service default/web: it requires two families and the cluster has one',
    ]);
    expect(allocate(', ipFamilies: [IPv6]', one).said).toEqual([
      'Service default/web: the cluster has no IPv6 service CIDR',
    ]);
    expect(allocate(', ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6]').said).toEqual([
      'Service default/web: it is SingleStack and names 2 families',
    ]);
  });
  it('have node ports where they ask for them, and a port for health checks under policy Local', () => {
    const spec = (more: string) =>
      allocateServices(
        parseManifests(
          `kind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}], type: LoadBalancer${more}}\n`,
        ).objects,
        ['10.96.0.0/12'],
      ).services[0]?.service.spec;
    const port = { port: 80, protocol: 'TCP' };
    const local = spec(', externalTrafficPolicy: Local');
    expect(local?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(local?.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(local?.healthCheckNodePort).not.toBe(local?.ports?.[0]?.nodePort);
    expect(spec('')).not.toHaveProperty('healthCheckNodePort');
    expect(spec(', allocateLoadBalancerNodePorts: false')?.ports).toEqual([port]);
  });
  it('leave the first address to the API server, and end with the range', () => {
    expect(allocate(', clusterIP: 10.96.0.1').said).toEqual([
      'clusterIP 10.96.0.1 of Service default/web belongs to Service default/kubernetes already',
    ]);
    const three = [0, 1, 2].map(
      (n) => `kind: Service\nmetadata: {name: s${n}}\nspec: {ports: [{port: 80}]}\n`,
    );
    const { diagnostics } = allocateServices(parseManifests(three.join('---\n')).objects, [
      '10.96.0.0/30',
    ]);
    expect(diagnostics.map(({ reason }) => reason)).toContain(
      'Service default/s2 gets no cluster IP: all are taken',
    );
  });
});

describe('endpoint slices', () => {
  it('hold the ready pods that the selector finds, with named ports looked up in each', () => {
    const service = allocateServices(
      parseManifests(
        'kind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}',
      ).objects,
      ['10.96.0.0/12'],
    ).services.map((s) => s.service);
    const running = pods(workload('StatefulSet', 'replicas: 3')).pods.map(({ pod }, i) => ({
      pod:
        i === 1
          ? { ...pod, status: { conditions: [{ type: 'Ready', status: 'False' }] } }
          : i === 2
            ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-11-20T00:00:00Z' } }
            : pod,
      node: 'node-a',
      ips: [`10.244.1.${i + 2}`],
    }));
    const [slice, ...rest] = endpointSlices(service, running);
    expect(rest).toEqual([]);
    expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice?.endpoints?.map((e) => [e.addresses[0], e.nodeName, e.conditions])).toEqual([
      ['10.244.1.2', 'node-a', { ready: true, serving: true, terminating: false }],
      ['10.244.1.3', 'node-a', { ready: false, serving: false, terminating: false }],
      ['10.244.1.4', 'node-a', { ready: false, serving: true, terminating: true }],
    ]);
  });
});
