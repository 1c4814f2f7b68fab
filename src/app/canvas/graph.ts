// The picture in React Flow's words. Positions are relative to parents, sizes are known before anything is drawn.
import type { Box, Scene } from './layout/types.ts';
import type { BoxNodeType } from './parts/BoxNode.tsx';
import type { LineEdgeType } from './parts/LineEdge.tsx';

/** Frames, lines, devices: in this order from back to front. */
const Z = { frame: 0, line: 10, box: 20 } as const;
const FRAMES = new Set<Box['kind']>(['cluster', 'machine', 'pod']);

export function nodesOf(scene: Scene): BoxNodeType[] {
  const byId = new Map(scene.boxes.map((b) => [b.id, b]));
  return scene.boxes.map((box): BoxNodeType => {
    const parent = box.parent === null ? undefined : byId.get(box.parent);
    return {
      id: box.id,
      type: 'box',
      data: { box },
      position: { x: box.x - (parent?.x ?? 0), y: box.y - (parent?.y ?? 0) },
      width: box.w,
      height: box.h,
      zIndex: FRAMES.has(box.kind) ? Z.frame : Z.box,
      ...(parent === undefined ? {} : { parentId: parent.id }),
    };
  });
}

export function edgesOf(scene: Scene): LineEdgeType[] {
  return scene.edges.flatMap((edge) => {
    const source = scene.stations.get(edge.from);
    const target = scene.stations.get(edge.to);
    if (source === undefined || target === undefined) return [];
    return [{ id: edge.id, type: 'line' as const, source, target, data: { edge }, zIndex: Z.line }];
  });
}
