// The grammar of links. Readable things stand in the query (`?scenario=clusterip&step=dnat`), a custom document in the fragment
// (`#s=...`), which is never sent to a server. Pure functions of text: reading and writing the address bar is the app's.
import { didYouMean } from './distance.ts';

/** How the page is shown. Never required. */
export const VIEW_KEYS = ['view', 'panel', 'theme', 'speed', 'lang'] as const;
export type ViewKey = (typeof VIEW_KEYS)[number];

export interface LocationExtras {
  /** A step's id; a number counts from 1. null: the beginning. */
  readonly step: string | number | null;
  readonly view: Readonly<Partial<Record<ViewKey, string>>>;
  /** Everything else in the query: knobs of the scenario, and what other pages append. Kept in order. */
  readonly other: readonly (readonly [string, string])[];
}

export type Location =
  | ({ readonly kind: 'home' } & LocationExtras)
  | ({
      readonly kind: 'scenario';
      readonly scenario: string;
      /** `clusterip@2`: the content version that the link was made for; null: the latest. */
      readonly pinned: number | null;
    } & LocationExtras)
  /** A document in the fragment, still encoded. */
  | ({ readonly kind: 'custom'; readonly payload: string } & LocationExtras)
  | ({
      readonly kind: 'unknown';
      readonly code: 'E_UNKNOWN_SCENARIO';
      readonly scenario: string;
      readonly suggestions: readonly string[];
    } & LocationExtras);

const NAME = /^([^@]*)(?:@([1-9]\d{0,3}))?$/;
const CUSTOM = /^#s=(.+)$/;

export function parseLocation(search: string, hash: string, known: readonly string[]): Location {
  const params = [...new URLSearchParams(search)];
  const last = (name: string): string | null =>
    params.findLast(([key]) => key === name)?.[1] ?? null;
  const isView = (key: string): key is ViewKey => (VIEW_KEYS as readonly string[]).includes(key);
  const extras: LocationExtras = {
    step: parseStep(last('step')),
    view: Object.fromEntries(params.filter(([key]) => isView(key))),
    other: params.filter(([key]) => key !== 'scenario' && key !== 'step' && !isView(key)),
  };
  const custom = CUSTOM.exec(hash)?.[1];
  if (custom !== undefined) return { kind: 'custom', payload: custom, ...extras };
  const wanted = last('scenario');
  if (wanted === null || wanted === '') return { kind: 'home', ...extras };
  const [, name = wanted, pinned] = NAME.exec(wanted) ?? [];
  if (!known.includes(name))
    return {
      kind: 'unknown',
      code: 'E_UNKNOWN_SCENARIO',
      scenario: name,
      suggestions: didYouMean(name, known),
      ...extras,
    };
  return {
    kind: 'scenario',
    scenario: name,
    pinned: pinned === undefined ? null : Number(pinned),
    ...extras,
  };
}

function parseStep(text: string | null): string | number | null {
  if (text === null || text === '') return null;
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : text;
}

/** `parseLocation(...printLocation(x))` is x. The order is fixed, so that the same state is the same link. */
export function printLocation(location: Location): {
  readonly search: string;
  readonly hash: string;
} {
  const pairs: (readonly [string, string])[] = [];
  if (location.kind === 'scenario') {
    const pin = location.pinned === null ? '' : `@${location.pinned}`;
    pairs.push(['scenario', location.scenario + pin]);
  } else if (location.kind === 'unknown') pairs.push(['scenario', location.scenario]);
  if (location.step !== null) pairs.push(['step', String(location.step)]);
  for (const key of VIEW_KEYS) {
    const value = location.view[key];
    if (value !== undefined) pairs.push([key, value]);
  }
  pairs.push(...location.other);
  const query = pairs.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
  return {
    search: query === '' ? '' : `?${query}`,
    hash: location.kind === 'custom' ? `#s=${location.payload}` : '',
  };
}

/** `@` may stand in a query as it is. */
const encode = (text: string): string => encodeURIComponent(text).replaceAll('%40', '@');
