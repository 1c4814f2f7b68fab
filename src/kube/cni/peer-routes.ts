// Plain routes to the pods of other nodes, with the node as the next hop. A next hop must be a neighbour: for a node behind a router the
// kernel refuses such a route ("Nexthop has invalid gateway"), and whoever writes it only logs that.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { inside } from '../cidr.ts';
import { ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import type { NetAction } from '../ops.ts';
import type { ClusterView, CniContext, NodeInfo } from './types.ts';

/** What a node needs to know of a peer, in one family. */
export interface Ends {
  readonly family: IpFamily;
  /** Addresses of the two machines. */
  readonly local: string;
  readonly remote: string;
  /** The peer's pod CIDR. */
  readonly range: string;
  /** `ip route get` of the peer names no gateway. */
  readonly onLink: boolean;
}

export const endsOf = (
  { families, node }: Pick<CniContext, 'families' | 'node'>,
  peer: NodeInfo,
): readonly Ends[] =>
  families.flatMap((family): Ends[] => {
    const local = ofFamily(node.ips, family);
    const remote = ofFamily(peer.ips, family);
    const range = ofFamily(peer.podCIDRs, family);
    if (local === null || remote === null || range === null) return [];
    const onLink = node.subnet.cidrs.some((cidr) => inside(cidr, remote));
    return [{ family, local, remote, range, onLink }];
  });

export const peerRoutes = (ctx: CniContext, peer: NodeInfo, dev?: string): readonly NetAction[] =>
  endsOf(ctx, peer)
    .filter(({ onLink }) => onLink)
    .map(({ range, remote }): NetAction => ({
      op: 'route.add',
      route: { dst: range, via: remote, ...(dev === undefined ? {} : { dev }) },
    }));

/** Pairs of nodes that such routes do not join. */
export const checkPeers = (
  { nodes, families }: ClusterView,
  title: string,
): readonly Diagnostic[] =>
  nodes.flatMap((node, i) =>
    nodes.slice(i + 1).flatMap((peer): Diagnostic[] =>
      endsOf({ families, node }, peer).some(({ onLink }) => !onLink)
        ? [
            {
              severity: 'warning',
              place: at('cluster'),
              reason: `${title} has no route between ${node.name} and ${peer.name}: they are not in one subnet, and the kernel refuses a next hop that is no neighbour`,
              fix: 'put the nodes into one subnet, or use a network plugin with tunnels',
            },
          ]
        : [],
    ),
  );
