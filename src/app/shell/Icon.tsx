// Small glyphs, drawn here so that no font and no file is needed. Each differs in shape, not only in colour.
import type { Token } from '../../trace/steps/index.ts';

export type IconName =
  | Token
  | 'first'
  | 'previous'
  | 'play'
  | 'pause'
  | 'next'
  | 'last'
  | 'replay'
  | 'list'
  | 'packet'
  | 'map'
  | 'plus'
  | 'minus'
  | 'fit'
  | 'follow'
  | 'theme'
  | 'close'
  | 'open'
  | 'fold'
  | 'external';

const PATHS: Readonly<Record<IconName, string>> = {
  socket: 'M4 5h12v10H4zM7 8l3 2-3 2M11 12h3',
  route: 'M10 3l7 7-7 7-7-7zM7 10h6M11 8l2 2-2 2',
  arp: 'M10 3a5 5 0 0 1 2 9.6V15h-4v-2.4A5 5 0 0 1 10 3zM8 17h4',
  link: 'M3 7h8v6H3zM9 7h8v6H9z',
  wire: 'M3 10h14M3 10l3-3M3 10l3 3M17 10l-3-3M17 10l-3 3',
  hook: 'M6 4h8l4 6-4 6H6l-4-6z',
  conntrack: 'M4 6c0-3 12-3 12 0v8c0 3-12 3-12 0zM4 6c0 3 12 3 12 0',
  nat: 'M3 7h11l-3-3M17 13H6l3 3',
  encap: 'M3 4h14v12H3zM10 7v6M7 10h6',
  decap: 'M3 4h14v12H3zM7 10h6',
  drop: 'M4 4l12 12M16 4L4 16',
  fragment: 'M3 6h5v8H3zM12 6h5v8h-5z',
  first: 'M5 4v12M16 4l-8 6 8 6z',
  previous: 'M14 4l-8 6 8 6z',
  play: 'M6 4l10 6-10 6z',
  pause: 'M6 4v12M14 4v12',
  next: 'M6 4l8 6-8 6z',
  last: 'M15 4v12M4 4l8 6-8 6z',
  replay: 'M5 6a6 6 0 1 1-1 6M5 2v4h4',
  list: 'M7 5h10M7 10h10M7 15h10M3 5h1M3 10h1M3 15h1',
  packet: 'M2 5h16v10H2zM5 8h10v4H5z',
  map: 'M3 5l5-2 4 2 5-2v12l-5 2-4-2-5 2zM8 3v12M12 5v12',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  fit: 'M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4',
  follow: 'M10 3v3M10 14v3M3 10h3M14 10h3M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  theme: 'M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14',
  close: 'M5 5l10 10M15 5L5 15',
  open: 'M5 8l5 5 5-5',
  fold: 'M5 12l5-5 5 5',
  external: 'M8 4H4v12h12v-4M11 4h5v5M16 4l-7 7',
};
const SOLID = new Set<IconName>(['first', 'previous', 'play', 'next', 'last']);

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className={SOLID.has(name) ? 'icon icon-solid' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 20 20"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
