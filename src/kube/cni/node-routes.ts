// How pods of other nodes are reached where the plugin itself does not care: by routes that somebody writes on the nodes, by a cloud's
// route table, or not at all.
import * as v from 'valibot';
import { assertNever } from '../../base/assert.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { opsBy } from '../ops.ts';
import type { NetOp } from '../ops.ts';
import { checkCloudRoutes, cloudRoutes } from './cloud-routes.ts';
import { checkPeers, peerRoutes } from './peer-routes.ts';
import type { CloudPlan, ClusterView, CniContext } from './types.ts';

export const nodeRoutes = v.picklist(['static', 'cloud', 'none']);
export type NodeRoutes = v.InferOutput<typeof nodeRoutes>;

export const staticRoutes = (ctx: CniContext, routes: NodeRoutes): readonly NetOp[] =>
  routes !== 'static'
    ? []
    : ctx.peers.flatMap((peer) =>
        opsBy('operator', ctx.node.name, `Node ${peer.name}`, peerRoutes(ctx, peer)),
      );

export function checkNodeRoutes(
  view: ClusterView,
  routes: NodeRoutes,
  title: string,
): readonly Diagnostic[] {
  switch (routes) {
    case 'static':
      return checkPeers(view, title);
    case 'cloud':
      return checkCloudRoutes(view);
    case 'none':
      return [];
    default:
      return assertNever(routes);
  }
}

export const planOf = (view: ClusterView, routes: NodeRoutes): CloudPlan =>
  routes === 'cloud'
    ? cloudRoutes(view, { sourceDestCheck: false })
    : { routes: [], interfaces: [] };
