// The portmap plugin, chained after the plugin that wires a pod: hostPorts of its containers become DNAT rules of the node
// (plugins/meta/portmap: portmap_iptables.go, chain.go). With snat, as always here, a pod that calls its own host port and a process of
// the node that calls 127.0.0.1 are masqueraded.
import { hostCidr, inside, normalCidr } from '../cidr.ts';
import { familyOf, iptFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { iptablesBy } from '../iptables/by.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { cniChain, cniComment } from './chain-names.ts';
import type { CniContext, PodSandbox } from './types.ts';

const COMPONENT = 'CNI portmap plugin';
/** Bit 13. */
const MARK = '0x2000/0x2000';
/** Of one multiport match. */
const MAX_PORTS = 15;

interface Mapping {
  readonly proto: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly hostIP: string | null;
}

const ANY = new Set(['', '0.0.0.0', '::']);

const mappingsOf = ({ object }: PodSandbox): readonly Mapping[] =>
  object.spec.containers.flatMap((container) =>
    (container.ports ?? []).flatMap((port): Mapping[] =>
      (port.hostPort ?? 0) === 0
        ? []
        : [
            {
              proto: (port.protocol ?? 'TCP').toLowerCase(),
              hostPort: port.hostPort ?? 0,
              containerPort: port.containerPort,
              hostIP: ANY.has(port.hostIP ?? '') ? null : (port.hostIP ?? null),
            },
          ],
    ),
  );

export const hasHostPorts = (pod: PodSandbox): boolean => mappingsOf(pod).length > 0;

/** What the plugins before it have made (`prevResult`). */
export interface Wired {
  /** The node's device towards the pod, as `ip route get` names it. */
  readonly device: string | null;
  /** The pod's addresses with their masks: `10.244.1.5/24`. */
  readonly addresses: readonly string[];
}

/** `wiring`: all that the plugin has done on the pod's node so far. */
export function wiredBy(wiring: readonly NetOp[], node: string, pod: PodSandbox): Wired {
  const addresses = wiring.flatMap((op) =>
    op.op === 'addr.add' && op.ns === pod.netns ? [op.cidr] : [],
  );
  let device: string | null = null;
  for (const op of wiring) {
    if (op.ns !== node) continue;
    if (op.op === 'route.add' && op.route.dst === hostCidr(pod.ip))
      return { device: op.route.dev ?? null, addresses };
    if (op.op === 'addr.add' && inside(op.cidr, pod.ip)) device = op.dev;
  }
  return { device, addresses };
}

export function portmapAdd(
  ctx: CniContext,
  pod: PodSandbox,
  network: string,
  { device, addresses }: Wired,
): readonly NetOp[] {
  const mappings = mappingsOf(pod);
  if (mappings.length === 0) return [];
  const actions = addresses.flatMap((address): readonly NetAction[] => {
    const family = familyOf(address);
    const own = mappings.filter(({ hostIP }) => hostIP === null || familyOf(hostIP) === family);
    return own.length === 0 ? [] : [...shared(family), ...chainOf(pod, network, address, own)];
  });
  const localnet: readonly NetAction[] =
    device !== null && addresses.some((address) => familyOf(address) === 'IPv4')
      ? [{ op: 'sysctl', key: `net.ipv4.conf.${device}.route_localnet`, value: '1' }]
      : [];
  return opsBy(COMPONENT, ctx.node.name, `Pod ${pod.pod}`, [...localnet, ...actions]);
}

/** The chains that all pods have in common. */
function shared(family: IpFamily): readonly NetAction[] {
  const { chain, append, insert } = iptablesBy(COMPONENT, iptFamily(family));
  return [
    chain('nat', 'CNI-HOSTPORT-SETMARK'),
    append(
      'nat',
      'CNI-HOSTPORT-SETMARK',
      '-m comment --comment "CNI portfwd masquerade mark"',
      `-j MARK --set-xmark ${MARK}`,
    ),
    chain('nat', 'CNI-HOSTPORT-MASQ'),
    append('nat', 'CNI-HOSTPORT-MASQ', `-m mark --mark ${MARK}`, '-j MASQUERADE'),
    // The only jump that is put on top.
    insert(
      'nat',
      'POSTROUTING',
      '-m comment --comment "CNI portfwd requiring masquerade"',
      '-j CNI-HOSTPORT-MASQ',
    ),
    chain('nat', 'CNI-HOSTPORT-DNAT'),
    append('nat', 'PREROUTING', '-m addrtype --dst-type LOCAL', '-j CNI-HOSTPORT-DNAT'),
    append('nat', 'OUTPUT', '-m addrtype --dst-type LOCAL', '-j CNI-HOSTPORT-DNAT'),
  ];
}

function chainOf(
  pod: PodSandbox,
  network: string,
  address: string,
  mappings: readonly Mapping[],
): readonly NetAction[] {
  const family = familyOf(address);
  const [ip = ''] = address.split('/');
  const { chain, append } = iptablesBy(COMPONENT, iptFamily(family), `Pod ${pod.pod}`);
  const name = cniChain('CNI-DN-', network, pod.containerID);
  const comment = `-m comment --comment "dnat ${cniComment(network, pod.containerID)}"`;
  const protocols = [...new Set(mappings.map(({ proto }) => proto))].sort();
  const entries = protocols.flatMap((proto) => {
    const ports = mappings.filter((one) => one.proto === proto).map(({ hostPort }) => hostPort);
    return chunks(ports, MAX_PORTS).map((part) =>
      append(
        'nat',
        'CNI-HOSTPORT-DNAT',
        comment,
        `-m multiport -p ${proto} --destination-ports ${part.join(',')}`,
        `-j ${name}`,
      ),
    );
  });
  const subnet = normalCidr(address);
  const target = family === 'IPv4' ? ip : `[${ip}]`;
  const rules = mappings.flatMap(({ proto, hostPort, containerPort, hostIP }) => {
    const match = `-p ${proto} --dport ${hostPort}${hostIP === null ? '' : ` -d ${hostIP}`}`;
    return [
      append('nat', name, match, `-s ${subnet}`, '-j CNI-HOSTPORT-SETMARK'),
      ...(family === 'IPv4'
        ? [append('nat', name, match, '-s 127.0.0.1', '-j CNI-HOSTPORT-SETMARK')]
        : []),
      append('nat', name, match, `-j DNAT --to-destination ${target}:${containerPort}`),
    ];
  });
  return [chain('nat', name), ...rules, ...entries];
}

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
