// What the shapes mean: only those that are in the picture.
import { useState } from 'react';
import { en } from '../messages/en.ts';
import { Icon } from '../shell/Icon.tsx';
import type { BoxKind, Scene } from './layout/types.ts';
import { shapeOf } from './parts/shapes.ts';

const ORDER: readonly BoxKind[] = [
  'process',
  'route',
  'hook',
  'veth',
  'bridge',
  'tunnel',
  'nic',
  'switch',
];

export function Legend({ scene }: { readonly scene: Scene }) {
  const [open, setOpen] = useState(false);
  const kinds = ORDER.filter((kind) => scene.boxes.some((b) => b.kind === kind));
  return (
    <div className="legend" data-region="Legend">
      {open && (
        <div className="legend-panel" id="legend">
          <ul>
            {kinds.map((kind) => (
              <li key={kind}>
                <svg width={46} height={22} aria-hidden="true" focusable="false">
                  <path className="box-outline" d={shapeOf(kind, 46, 22).outline} />
                  <path className="box-inner" d={shapeOf(kind, 46, 22).inner} />
                </svg>
                {en.map.kinds[kind]}
              </li>
            ))}
          </ul>
          <p>{en.map.legendText}</p>
        </div>
      )}
      <button
        type="button"
        className="button"
        aria-expanded={open}
        aria-controls="legend"
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? 'close' : 'list'} />
        <span>{en.map.legend}</span>
      </button>
    </div>
  );
}
