// How the page is shown. Nothing of it is needed to understand a step.
import { createStore, type StoreApi } from 'zustand/vanilla';

export type Theme = 'system' | 'light' | 'dark';
export type Sheet = 'steps' | 'packet' | null;

export interface ViewState {
  readonly theme: Theme;
  /** What is open over the map where there is no room beside it. */
  readonly sheet: Sheet;
  /** The camera keeps the packet in sight. */
  readonly follow: boolean;
  setTheme(theme: Theme): void;
  toggleSheet(sheet: Exclude<Sheet, null>): void;
  closeSheet(): void;
  setFollow(follow: boolean): void;
}
export type ViewStore = StoreApi<ViewState>;
export const createView = (): ViewStore =>
  createStore<ViewState>((set) => ({
    theme: 'system',
    sheet: null,
    follow: true,
    setTheme: (theme) => set({ theme }),
    toggleSheet: (sheet) => set((s) => ({ sheet: s.sheet === sheet ? null : sheet })),
    closeSheet: () => set({ sheet: null }),
    setFollow: (follow) => set({ follow }),
  }));
