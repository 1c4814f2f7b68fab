// The four stores of one page or embed, passed by context so that two of them never share state.
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createDocument, type DocumentState, type DocumentStore } from './document.ts';
import { createPlayer, type PlayerState, type PlayerStore } from './player.ts';
import { createSimulation, type SimulationState, type SimulationStore } from './simulation.ts';
import { createView, type ViewState, type ViewStore } from './view.ts';

export interface Stores {
  readonly document: DocumentStore;
  readonly simulation: SimulationStore;
  readonly player: PlayerStore;
  readonly view: ViewStore;
}
export const createStores = (): Stores => ({
  document: createDocument(),
  simulation: createSimulation(),
  player: createPlayer(),
  view: createView(),
});

const Context = createContext<Stores | null>(null);
export const StoresProvider = Context.Provider;

export function useStores(): Stores {
  const stores = useContext(Context);
  if (stores === null) throw new Error('no stores: StoresProvider is missing');
  return stores;
}
export const useDocument = <T>(select: (s: DocumentState) => T): T =>
  useStore(useStores().document, select);
export const useSimulation = <T>(select: (s: SimulationState) => T): T =>
  useStore(useStores().simulation, select);
export const usePlayer = <T>(select: (s: PlayerState) => T): T =>
  useStore(useStores().player, select);
export const useView = <T>(select: (s: ViewState) => T): T => useStore(useStores().view, select);
