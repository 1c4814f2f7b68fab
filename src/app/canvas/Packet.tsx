// The packet, drawn over React Flow and outside of its viewport. Between two steps only motion values change: nothing is rendered.
import { animateValue, motionValue, type MotionValue } from 'framer-motion';
import { useEffect, useMemo, useRef } from 'react';
import { en } from '../messages/en.ts';
import { tell } from '../presenters/index.ts';
import { lettersOf, packetAfter, wrapsOf } from '../presenters/facts.ts';
import { prefersReducedMotion } from '../shell/environment.ts';
import { TRAVEL_MS } from '../store/playback.ts';
import { indexNow, stepNow, stepsNow, type PlayerState } from '../store/player.ts';
import { usePlayer, useStores } from '../store/stores.ts';
import type { Window } from './camera.ts';
import { lengthOf, pointAt } from './layout/travel.ts';
import type { Point } from './layout/types.ts';
import { travelsFor, wayOf } from './picture.ts';
import { PacketGlyph } from './parts/PacketGlyph.tsx';

export interface Stage {
  readonly x: MotionValue<number>;
  readonly y: MotionValue<number>;
  readonly zoom: MotionValue<number>;
}
export const createStage = (): Stage => ({
  x: motionValue(0),
  y: motionValue(0),
  zoom: motionValue(1),
});

/** Where the packet rests at the step that is shown. */
export function restOf(s: PlayerState): Point | null {
  if (s.trace === null) return null;
  const travel = travelsFor(s.trace, stepsNow(s))[indexNow(s)];
  return travel?.points.at(-1) ?? null;
}

interface Props {
  readonly stage: Stage;
  readonly window: Window;
  readonly onMove: (at: Point) => void;
}

export function PacketOverlay({ stage, window: win, onMove }: Props) {
  const { player } = useStores();
  const trace = usePlayer((s) => s.trace);
  const step = usePlayer(stepNow);
  const at = useMemo(() => ({ x: motionValue(0), y: motionValue(0) }), []);
  const packetBox = useRef<HTMLDivElement>(null);
  const tag = useRef<HTMLSpanElement>(null);
  const told = trace === null || step === null ? null : tell(trace, step);
  const badge = told === null || step === null ? null : badgeOf(step.tokens[0], told.change);
  const width = badge === null ? 0 : badge.length * 7.6 + 40;

  useEffect(() => {
    const place = (): void => {
      const x = at.x.get() * stage.zoom.get() + stage.x.get();
      const y = at.y.get() * stage.zoom.get() + stage.y.get();
      packetBox.current?.style.setProperty('transform', `translate(${x}px, ${y}px)`);
      // The tag stays inside of the window, wherever the packet is.
      const left = Math.min(Math.max(x - width / 2, 6), Math.max(6, win.w - width - 6)) - x;
      tag.current?.style.setProperty('transform', `translateX(${left}px)`);
    };
    place();
    const stops = [at.x, at.y, stage.x, stage.y, stage.zoom].map((value) =>
      value.on('change', place),
    );
    return () => stops.forEach((stop) => stop());
  }, [at, stage, win.w, width, step]);

  useEffect(() => {
    let stop: (() => void) | null = null;
    const put = (p: Point): void => {
      at.x.set(p.x);
      at.y.set(p.y);
      onMove(p);
    };
    const go = (s: PlayerState): void => {
      stop?.();
      stop = null;
      if (s.trace === null) return;
      const points = travelsFor(s.trace, stepsNow(s))[indexNow(s)]?.points;
      if (points === undefined) return;
      if (s.move.kind === 'jump' || points.length < 2 || prefersReducedMotion())
        return put(pointAt(points, 1));
      put(pointAt(points, 0));
      const run = animateValue({
        keyframes: [0, 1],
        duration: durationOf(lengthOf(points)) / s.rate,
        ease: 'easeInOut',
        onUpdate: (f: number) => put(pointAt(points, f)),
      });
      stop = () => run.stop();
    };
    const first = player.getState();
    go({ ...first, move: { ...first.move, kind: 'jump' } });
    const unsubscribe = player.subscribe((now, before) => {
      if (now.move.count !== before.move.count || now.trace !== before.trace) go(now);
    });
    return () => {
      unsubscribe();
      stop?.();
    };
  }, [player, at, onMove]);

  const packet = trace === null || step === null ? null : packetAfter(trace, step);
  if (step === null || told === null) return null;
  const lost = step.tokens.includes('drop');
  return (
    <div
      ref={packetBox}
      className="packet"
      data-packet={step.packet ?? 'none'}
      data-way={wayOf(step)}
      data-lost={lost}

      aria-hidden="true"
    >
      <PacketGlyph
        letters={packet === null ? '·' : lettersOf(packet)}
        wraps={packet === null ? 1 : wrapsOf(packet)}
        back={wayOf(step) === 'reply'}
        lost={lost}
        flip={step.topic === 'nat'}
      />
      {badge !== null && (
        <span ref={tag} className={`packet-tag tag-${step.tokens[0]}`}>
          {badge}
        </span>
      )}
    </div>
  );
}

/** Longer ways take longer, but nobody waits for ever. */
const durationOf = (length: number): number =>
  Math.min(2600, Math.max(TRAVEL_MS * 0.6, length * 1.6));

function badgeOf(
  token: string | undefined,
  change: { readonly before: string; readonly after: string } | null,
): string | null {
  switch (token) {
    case 'nat':
      return change === null ? null : `⇄ ${change.before} → ${change.after}`;
    case 'encap':
      return `⊞ ${en.map.badges.encap}`;
    case 'decap':
      return `⊟ ${en.map.badges.decap}`;
    case 'drop':
      return `✕ ${en.map.dropped}`;
    case 'arp':
      return change === null ? `? ${en.map.badges.arp}` : `${change.before} ${change.after}`;
    default:
      return null;
  }
}
