// The picture as data: boxes in boxes, stations on them, cables between them. Pure geometry, the same for canvas, tests and posters.
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Rect extends Point {
  readonly w: number;
  readonly h: number;
}

/** One for each shape of the drawing. `more` stands for what the journey never touches. */
export type BoxKind =
  | 'cluster'
  | 'machine'
  | 'pod'
  | 'switch'
  | 'hook'
  | 'route'
  | 'process'
  | 'nic'
  | 'veth'
  | 'bridge'
  | 'tunnel'
  | 'device'
  | 'more';

export interface Box extends Rect {
  readonly id: string;
  readonly kind: BoxKind;
  readonly parent: string | null;
  readonly label: string;
  /** The second, quieter text: an address. */
  readonly note: string;
  readonly netns: string | null;
  /** Wide boxes take a line at any place of their edge. */
  readonly bar: boolean;
  /** Depth in the tree: 0 is outermost. */
  readonly depth: number;
}

export type EdgeKind = 'veth' | 'cable' | 'port' | 'inside';
export interface Edge {
  readonly id: string;
  /** Keys of stations. */
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** Corners of the line, from border to border. */
  readonly points: readonly Point[];
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Parents before children; in the order in which the packet meets them. */
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
  /** How often a line had to go through a box. */
  readonly crossings: number;
  /** Station key to box id. */
  readonly stations: ReadonlyMap<string, string>;
}

export const TITLE = 26;
export const PAD = 10;
export const GAP = 14;
export const ROW = 32;
/** Between rows, where lines run. */
export const LANE = 21;

export const right = (r: Rect): number => r.x + r.w;
export const bottom = (r: Rect): number => r.y + r.h;
export const overlaps = (a: Rect, b: Rect, gap = 0): boolean =>
  a.x < right(b) + gap && b.x < right(a) + gap && a.y < bottom(b) + gap && b.y < bottom(a) + gap;
export const contains = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  right(inner) <= right(outer) &&
  bottom(inner) <= bottom(outer);
