// One box of the picture as a node of React Flow. It reads only its own light, so a step draws two or three of them again.
import { memo } from 'react';
import { Handle, Position, type Node, type NodeProps } from 'reactflow';
import { usePlayer } from '../../store/stores.ts';
import type { Box } from '../layout/types.ts';
import { boxLight, lightsAt } from '../picture.ts';
import { shapeOf } from './shapes.ts';

export type BoxNodeData = { readonly box: Box };
export type BoxNodeType = Node<BoxNodeData, 'box'>;

const FRAMES = new Set(['cluster', 'machine', 'pod']);

export const BoxNode = memo(function BoxNode({ data: { box } }: NodeProps<BoxNodeType>) {
  const light = usePlayer((s) => boxLight(lightsAt(s), box.id));
  const way = usePlayer((s) => lightsAt(s).way);
  const { outline, inner } = shapeOf(box.kind, box.w, box.h);
  const frame = FRAMES.has(box.kind);
  return (
    <div
      className={`box box-${box.kind} box-${light}${frame ? ' box-frame' : ''}`}
      data-way={light === 'idle' ? undefined : way}
      data-box={box.id}
    >
      <svg width={box.w} height={box.h} aria-hidden="true" focusable="false">
        <path className="box-outline" d={outline} />
        {inner !== '' && <path className="box-inner" d={inner} />}
      </svg>
      <span className="box-text">
        <span className="box-label">{box.label}</span>
        {box.note !== '' && <span className="box-note">{box.note}</span>}
      </span>
      <Handle type="source" position={Position.Top} isConnectable={false} />
      <Handle type="target" position={Position.Top} isConnectable={false} />
    </div>
  );
});
