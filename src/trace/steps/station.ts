// Names of places and grains, for maps and lists.
import type { Grain, Station } from './types.ts';

export const GRAINS: readonly Grain[] = ['overview', 'detail', 'rules'];

export const stationKey = (s: Station): string => {
  switch (s.kind) {
    case 'socket':
      return `${s.netns}|socket`;
    case 'device':
      return `${s.netns}|dev|${s.dev}`;
    case 'hook':
      return `${s.netns}|hook|${s.hook}`;
    case 'route':
      return `${s.netns}|route|${s.direction}`;
  }
};
