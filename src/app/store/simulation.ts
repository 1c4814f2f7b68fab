// Where the engine's work stands. Written by the loader only.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Trace } from '../../trace/types.ts';

export type SimulationState =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'running'; readonly events: number }
  | { readonly status: 'ready'; readonly trace: Trace; readonly unfinished: string | null }
  | { readonly status: 'failed'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly status: 'crashed'; readonly message: string };

export type SimulationStore = StoreApi<SimulationState>;
export const createSimulation = (): SimulationStore =>
  createStore<SimulationState>(() => ({ status: 'idle' }));
