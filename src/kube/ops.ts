// What a component asks the kernel of a machine to do, as values. The same values build the network (apply.ts) and print as the
// commands that an operator would type: that is all a CNI plugin or a daemon is to this program.
import { assertNever } from '../base/assert.ts';
import type {
  DeviceSpec,
  FdbSpec,
  IpsetSpec,
  ListenerSpec,
  NeighSpec,
  PolicyRuleSpec,
  RouteSpec,
} from '../network/types.ts';
import type { IptCommand, IptFamily } from './iptables/types.ts';

type Bare<T> = Omit<T, 'origin'>;

export type NetAction =
  | {
      readonly op: 'netns.add';
      readonly kind: string;
      readonly label: string;
      readonly host: string | null;
    }
  | { readonly op: 'link.add'; readonly dev: Bare<Omit<DeviceSpec, 'addresses'>> }
  | { readonly op: 'link.master'; readonly dev: string; readonly master: string }
  | { readonly op: 'link.mtu'; readonly dev: string; readonly mtu: number }
  | { readonly op: 'port.hairpin'; readonly dev: string; readonly on: boolean }
  | {
      readonly op: 'addr.add';
      readonly dev: string;
      readonly cidr: string;
      readonly scope?: string;
    }
  | { readonly op: 'route.add'; readonly route: Bare<RouteSpec> }
  /** Takes away a route: one that was added, or the one that the kernel made for an address. */
  | { readonly op: 'route.del'; readonly route: Pick<RouteSpec, 'dst' | 'dev'> }
  | { readonly op: 'rule.add'; readonly rule: Bare<PolicyRuleSpec> }
  | { readonly op: 'neigh.add'; readonly neigh: Bare<NeighSpec> }
  | { readonly op: 'fdb.add'; readonly fdb: Bare<FdbSpec> }
  | { readonly op: 'sysctl'; readonly key: string; readonly value: string }
  | { readonly op: 'iptables'; readonly family: IptFamily; readonly command: IptCommand }
  | { readonly op: 'ipset.create'; readonly set: Pick<IpsetSpec, 'name' | 'type' | 'family'> }
  | { readonly op: 'ipset.add'; readonly set: string; readonly entry: string }
  | { readonly op: 'listen'; readonly listener: Bare<ListenerSpec> };

/** Who does it, where, and for which object. */
export type NetOp = NetAction & {
  readonly ns: string;
  readonly component: string;
  readonly object: string | null;
};

/** Several actions of one component in one namespace. */
export const opsBy = (
  component: string,
  ns: string,
  object: string | null,
  actions: readonly NetAction[],
): readonly NetOp[] => actions.map((action) => ({ ...action, ns, component, object }));

const words = (...parts: readonly (string | number | false | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ');
const option = (name: string, value: string | number | undefined): string | undefined =>
  value === undefined ? undefined : `${name} ${value}`;

function printLink(dev: Bare<Omit<DeviceSpec, 'addresses'>>): string {
  const head = words('ip link add', dev.name, option('address', dev.mac), option('mtu', dev.mtu));
  const { peer, vxlan, ipip } = dev;
  return words(
    head,
    `type ${dev.type}`,
    peer && `peer name ${peer.dev} netns ${peer.ns}`,
    vxlan &&
      words(
        `id ${vxlan.vni}`,
        option('local', vxlan.local),
        option('dev', vxlan.dev),
        `dstport ${vxlan.dstport}`,
        vxlan.learning === false && 'nolearning',
      ),
    ipip &&
      words(option('local', ipip.local), option('remote', ipip.remote), option('dev', ipip.dev)),
    option('mode', dev.mode),
  );
}

export function printRoute(route: Bare<RouteSpec>): string {
  return words(
    'ip route add',
    route.type,
    route.dst,
    option('via', route.via),
    option('dev', route.dev),
    option('proto', route.proto),
    option('scope', route.scope),
    option('src', route.src),
    option('metric', route.metric),
    option('mtu', route.mtu),
    route.onlink === true && 'onlink',
    option('table', route.table),
  );
}

function printIptables(family: IptFamily, command: IptCommand): string {
  const tool = family === 'ipv4' ? 'iptables' : 'ip6tables';
  switch (command.do) {
    case 'chain':
      return `${tool} -t ${command.table} -N ${command.chain}`;
    case 'append':
      return `${tool} -t ${command.table} -A ${command.rule.chain} ${command.rule.args}`;
    case 'insert':
      return `${tool} -t ${command.table} -I ${command.rule.chain} ${command.rule.args}`;
    case 'policy':
      return `${tool} -t ${command.table} -P ${command.chain} ${command.policy}`;
    case 'restore':
      return `${tool}-restore --noflush --counters`;
    default:
      return assertNever(command);
  }
}

/** The command of an operator that does the same, to be typed in the op's namespace. */
export function printOp(op: NetAction & { readonly ns: string }): string {
  switch (op.op) {
    case 'netns.add':
      return `ip netns add ${op.ns}`;
    case 'link.add':
      return printLink(op.dev);
    case 'link.master':
      return `ip link set ${op.dev} master ${op.master}`;
    case 'link.mtu':
      return `ip link set ${op.dev} mtu ${op.mtu}`;
    case 'port.hairpin':
      return `bridge link set dev ${op.dev} hairpin ${op.on ? 'on' : 'off'}`;
    case 'addr.add':
      return words('ip addr add', op.cidr, `dev ${op.dev}`, option('scope', op.scope));
    case 'route.add':
      return printRoute(op.route);
    case 'route.del':
      return words('ip route del', op.route.dst, option('dev', op.route.dev));
    case 'rule.add': {
      const { rule } = op;
      return words(
        'ip rule add',
        rule.not === true && 'not',
        option('from', rule.from),
        option('to', rule.to),
        option('fwmark', rule.fwmark),
        option('iif', rule.iif),
        option('oif', rule.oif),
        `lookup ${rule.lookup} priority ${rule.priority}`,
      );
    }
    case 'neigh.add': {
      const { neigh } = op;
      return words(
        'ip neigh add',
        neigh.proxy === true && 'proxy',
        neigh.ip,
        option('lladdr', neigh.mac),
        `dev ${neigh.dev}`,
        neigh.proxy !== true && `nud ${neigh.state ?? 'permanent'}`,
      );
    }
    case 'fdb.add':
      return words(
        'bridge fdb append',
        op.fdb.mac,
        `dev ${op.fdb.dev}`,
        option('dst', op.fdb.dst),
        'self permanent',
      );
    case 'sysctl':
      return `sysctl -w ${op.key}=${op.value}`;
    case 'iptables':
      return printIptables(op.family, op.command);
    case 'ipset.create':
      return words(`ipset create ${op.set.name} ${op.set.type}`, option('family', op.set.family));
    case 'ipset.add':
      return `ipset add ${op.set} ${op.entry}`;
    case 'listen':
      return `ss -ln 'sport = :${op.listener.port}'`;
    default:
      return assertNever(op);
  }
}
