// The map: React Flow draws boxes and lines, the packet moves over it. It never takes wheel, swipe or keys away from the page.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  ReactFlow,
  ReactFlowProvider,
  useOnViewportChange,
  useReactFlow,
  type Viewport,
} from 'reactflow';
import 'reactflow/dist/base.css';
import '../styles/map.css';
import type { Trace } from '../../trace/types.ts';
import { en } from '../messages/en.ts';
import { tell } from '../presenters/index.ts';
import { stepNow } from '../store/player.ts';
import { usePlayer, useStores, useView } from '../store/stores.ts';
import { Icon } from '../shell/Icon.tsx';
import { fits, fitZoom, follow, start, whole, type Window } from './camera.ts';
import { cutLabels } from './cut-labels.ts';
import { edgesOf, nodesOf } from './graph.ts';
import { Legend } from './Legend.tsx';
import type { Point } from './layout/types.ts';
import { createStage, PacketOverlay, restOf } from './Packet.tsx';
import { BoxNode } from './parts/BoxNode.tsx';
import { LineEdge } from './parts/LineEdge.tsx';
import { pictureOf } from './picture.ts';

const nodeTypes = { box: BoxNode };
const edgeTypes = { line: LineEdge };
const t = en.map;
const ariaLabels = {
  'node.a11yDescription.default': t.describe,
  'node.a11yDescription.keyboardDisabled': t.describe,
  'edge.a11yDescription.default': t.describe,
  'controls.ariaLabel': t.label,
  'minimap.ariaLabel': t.label,
  'handle.ariaLabel': t.label,
};

export function MapRegion({ trace }: { readonly trace: Trace }) {
  return (
    <ReactFlowProvider>
      <Canvas trace={trace} />
    </ReactFlowProvider>
  );
}

function Canvas({ trace }: { readonly trace: Trace }) {
  const { player, view } = useStores();
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const [win, setWin] = useState<Window | null>(null);
  const scene = useMemo(() => pictureOf(trace), [trace]);
  const nodes = useMemo(() => nodesOf(scene), [scene]);
  const edges = useMemo(() => edgesOf(scene), [scene]);
  const picture = useMemo(() => ({ w: scene.width, h: scene.height }), [scene]);
  const stage = useMemo(createStage, []);
  const following = useView((s) => s.follow);
  const step = usePlayer(stepNow);
  const where = step === null ? '' : tell(trace, step).where;

  useEffect(() => cutLabels(box.current));
  const sync = useCallback(
    ({ x, y, zoom }: Viewport) => {
      stage.x.set(x);
      stage.y.set(y);
      stage.zoom.set(zoom);
      box.current?.style.setProperty('--zoom', `${zoom}`);
      box.current?.classList.toggle('map-far', zoom < 0.7);
      cutLabels(box.current);
    },
    [stage],
  );
  useOnViewportChange({ onChange: sync });

  const show = useCallback(
    (next: Viewport) => {
      void flow.setViewport(next);
      sync(next);
    },
    [flow, sync],
  );

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setWin({ w: element.clientWidth, h: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (win === null || win.w === 0 || win.h === 0) return;
    show(start(picture, win, restOf(player.getState()) ?? { x: 0, y: 0 }));
  }, [win, picture, player, show]);

  const onMove = useCallback(
    (at: Point) => {
      if (win === null || !view.getState().follow) return;
      const now = { x: stage.x.get(), y: stage.y.get(), zoom: stage.zoom.get() };
      if (fits(picture, win) && Math.abs(now.zoom - whole(picture, win).zoom) < 0.01) return;
      const next = follow(now, picture, win, at);
      if (next !== now) show(next);
    },
    [win, view, stage, picture, show],
  );

  const zoomBy = (factor: number): void => void flow.zoomTo(flow.getZoom() * factor);
  const fitAll = (): void => {
    if (win !== null) show(whole(picture, win));
  };
  const goToPacket = (): void => {
    view.getState().setFollow(!following);
    if (!following && win !== null)
      show(start(picture, win, restOf(player.getState()) ?? { x: 0, y: 0 }));
  };

  return (
    <div
      className="map"
      ref={box}
      tabIndex={0}
      role="group"
      aria-roledescription={t.role}
      aria-label={step === null ? t.label : t.current({ label: where })}
      aria-describedby="step-list-title"
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        minZoom={win === null ? 0.3 : Math.min(0.9, fitZoom(picture, win))}
        maxZoom={2}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        edgesReconnectable={false}
        elementsSelectable={false}
        elevateNodesOnSelect={false}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        panOnScroll={false}
        preventScrolling={false}
        panActivationKeyCode={null}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomActivationKeyCode={null}
        disableKeyboardA11y
        ariaLabelConfig={ariaLabels}
        attributionPosition="bottom-left"
      />
      {win !== null && <PacketOverlay stage={stage} window={win} onMove={onMove} />}
      <Legend scene={scene} />
      <div className="map-controls">
        <button
          type="button"
          className="button icon-button map-zoom"
          aria-label={t.zoomOut}
          title={t.zoomOut}
          onClick={() => zoomBy(0.8)}
        >
          <Icon name="minus" />
        </button>
        <button
          type="button"
          className="button icon-button map-zoom"
          aria-label={t.zoomIn}
          title={t.zoomIn}
          onClick={() => zoomBy(1.25)}
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          className="button icon-button"
          aria-label={t.fit}
          title={t.fit}
          onClick={fitAll}
        >
          <Icon name="fit" />
        </button>
        <button
          type="button"
          className="button icon-button"
          aria-pressed={following}
          aria-label={t.follow}
          title={t.follow}
          onClick={goToPacket}
        >
          <Icon name="follow" />
        </button>
      </div>
    </div>
  );
}
