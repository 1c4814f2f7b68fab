// The route controller of a cloud's controller manager (k8s.io/cloud-provider controllers/route): an entry of the route table for each
// node's pod CIDR, with the node as its target. Where a cloud checks that packets belong to an interface, it also has to let these pass
// (cloud-provider-aws aws_routes.go).
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { familyOf, ofFamily } from '../families.ts';
import type { CloudPlan, ClusterView } from './types.ts';

const COMPONENT = 'cloud-controller-manager';

export const cloudRoutes = (
  { nodes }: ClusterView,
  settings: { readonly sourceDestCheck: boolean },
): CloudPlan => ({
  routes: nodes.flatMap((node) =>
    node.podCIDRs.flatMap((dst) => {
      const via = ofFamily(node.ips, familyOf(dst));
      if (via === null) return [];
      return [{ dst, node: node.name, via, component: COMPONENT, object: `Node ${node.name}` }];
    }),
  ),
  interfaces: nodes.map((node) => ({
    node: node.name,
    device: node.device,
    addresses: [],
    sourceDestCheck: settings.sourceDestCheck,
  })),
});

/** Without a router in the subnet nobody looks into the route table. */
export const checkCloudRoutes = ({ nodes }: ClusterView): readonly Diagnostic[] =>
  nodes.length < 2
    ? []
    : nodes
        .filter(({ subnet }) => subnet.gateways.length === 0)
        .map(({ name, subnet }) => ({
          severity: 'warning',
          place: at('cluster'),
          reason: `${name} cannot reach pods of other nodes: the subnet ${subnet.name} has no router that the cloud's routes could be in`,
          fix: 'give the subnet a `gateway`',
        }));
