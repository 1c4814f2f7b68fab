// What of the picture is lit at a step: pure, memoised, so that one step changes the class of a handful of boxes and lines.
import { indexNow, stepsNow, type PlayerState } from '../store/player.ts';
import type { Step } from '../../trace/steps/index.ts';
import type { Trace } from '../../trace/types.ts';
import { wrapsOf, packetOf } from '../presenters/facts.ts';
import { sceneOf } from './layout/scene.ts';
import { travelsOf, type Travel } from './layout/travel.ts';
import type { Scene } from './layout/types.ts';

const scenes = new WeakMap<Trace, Scene>();
export function pictureOf(trace: Trace): Scene {
  let scene = scenes.get(trace);
  if (scene === undefined) scenes.set(trace, (scene = sceneOf(trace)));
  return scene;
}

const travels = new WeakMap<readonly Step[], readonly Travel[]>();
export function travelsFor(trace: Trace, steps: readonly Step[]): readonly Travel[] {
  let list = travels.get(steps);
  if (list === undefined) travels.set(steps, (list = travelsOf(pictureOf(trace), steps)));
  return list;
}

export type BoxLight = 'here' | 'now' | 'idle';
export type EdgeLight = 'now' | 'done' | 'ahead' | 'idle';
export type Way = 'request' | 'reply';

export interface Lights {
  readonly way: Way;
  readonly here: string | null;
  readonly boxes: ReadonlySet<string>;
  readonly now: ReadonlySet<string>;
  readonly done: ReadonlySet<string>;
  readonly ahead: ReadonlySet<string>;
  /** Lines that the packet goes along inside of a tunnel. */
  readonly tunnel: ReadonlySet<string>;
}

const DARK: Lights = {
  way: 'request',
  here: null,
  boxes: new Set(),
  now: new Set(),
  done: new Set(),
  ahead: new Set(),
  tunnel: new Set(),
};

/** Does the packet of a step go the way of the request, or back? */
export const wayOf = (step: Step): Way => (step.forward ? 'request' : 'reply');

let last: {
  readonly steps: readonly Step[];
  readonly index: number;
  readonly lights: Lights;
} | null = null;

export function lightsAt(s: PlayerState): Lights {
  const steps = stepsNow(s);
  const index = indexNow(s);
  if (s.trace === null || steps.length === 0) return DARK;
  if (last?.steps !== steps || last.index !== index)
    last = { steps, index, lights: light(s.trace, steps, index) };
  return last.lights;
}

function light(trace: Trace, steps: readonly Step[], index: number): Lights {
  const list = travelsFor(trace, steps);
  const step = steps[index]!;
  const travel = list[index]!;
  const done = new Set<string>();
  const ahead = new Set<string>();
  const tunnel = new Set<string>();
  steps.forEach((other, i) => {
    if (
      step.topic === 'resolve'
        ? i !== index
        : other.packet !== step.packet || other.topic === 'resolve'
    )
      return;
    const inTunnel = tunnelled(trace, other);
    for (const id of list[i]!.edges) {
      if (inTunnel && i <= index) tunnel.add(id);
      if (i < index) done.add(id);
      else if (i > index) ahead.add(id);
    }
  });
  return {
    way: wayOf(step),
    here: travel.boxes.at(-1) ?? null,
    boxes: new Set(travel.boxes),
    now: new Set(travel.edges),
    done,
    ahead,
    tunnel,
  };
}

function tunnelled(trace: Trace, step: Step): boolean {
  const packet = packetOf(trace, step.packet, step.before);
  return packet !== null && wrapsOf(packet) > 1 && !step.tokens.includes('decap');
}

export function boxLight(lights: Lights, id: string): BoxLight {
  return lights.here === id ? 'here' : lights.boxes.has(id) ? 'now' : 'idle';
}
export function edgeLight(lights: Lights, id: string): EdgeLight {
  return lights.now.has(id)
    ? 'now'
    : lights.done.has(id)
      ? 'done'
      : lights.ahead.has(id)
        ? 'ahead'
        : 'idle';
}
