// Which scenario is open, and what is wrong with the link that asked for it.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ViewKey } from '../../scenario/share/location.ts';

export type Problem =
  | {
      readonly kind: 'unknown-scenario';
      readonly name: string;
      readonly suggestions: readonly string[];
    }
  | { readonly kind: 'custom-scenario' };

export interface DocumentState {
  /** Id of a built-in scenario. */
  readonly scenario: string | null;
  readonly title: string;
  readonly problem: Problem | null;
  /** A step that the link asked for in vain. */
  readonly missingStep: string | null;
  /** The part of the link that is not ours to change. */
  readonly rest: {
    readonly view: Readonly<Partial<Record<ViewKey, string>>>;
    readonly other: readonly (readonly [string, string])[];
    readonly pinned: number | null;
  };
}
export type DocumentStore = StoreApi<DocumentState>;
export const createDocument = (): DocumentStore =>
  createStore<DocumentState>(() => ({
    scenario: null,
    title: '',
    problem: null,
    missingStep: null,
    rest: { view: {}, other: [], pinned: null },
  }));
