// What targets may do to the packet of a walk (NfActions). A class for its prototype, as the view is.
import type { NatRange, NfActions } from '../../netfilter/types.ts';
import { l3Index } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { Family, HookName } from '../../trace/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel, Netns } from '../types.ts';
import { changedEntry } from './conntrack.ts';
import type { HookDevs } from './hooks.ts';
import { setupRange } from './nat-setup.ts';
import { reject } from './reject.ts';

export class TableActions implements NfActions {
  /** What a target sent or chose is told after the walk that led to it. */
  readonly later: (() => void)[] = [];
  readonly #kernel: Kernel;
  readonly #ns: Netns;
  readonly #skb: Skb;
  readonly #family: Family;
  readonly #hook: HookName;
  readonly #devs: HookDevs;

  constructor(kernel: Kernel, ns: Netns, skb: Skb, family: Family, hook: HookName, devs: HookDevs) {
    this.#kernel = kernel;
    this.#ns = ns;
    this.#skb = skb;
    this.#family = family;
    this.#hook = hook;
    this.#devs = devs;
  }
  setMark(mark: number): void {
    this.#skb.mark = mark >>> 0;
  }
  setCtMark(mark: number): void {
    const entry = this.#skb.ct?.entry;
    if (entry === undefined || entry.mark === mark >>> 0) return;
    changedEntry(this.#kernel, this.#ns, entry, () => {
      entry.mark = mark >>> 0;
    });
  }
  untrack(): void {
    this.#skb.ct = null;
    this.#skb.untracked = true;
  }
  ctZone(zone: number): void {
    this.#skb.ctZone = zone;
  }
  nat(range: NatRange): 'accept' | 'drop' {
    return setupRange(this.#kernel, this.#ns, this.#skb, range, this.#devs, this.later);
  }
  reject(kind: string): void {
    this.later.push(() =>
      reject(this.#kernel, this.#ns, this.#skb, this.#family, this.#hook, kind, this.#devs),
    );
  }
  mangle(layers: readonly Layer[]): void {
    const at = l3Index(this.#skb.layers);
    this.#skb.layers = at === 0 ? layers : [this.#skb.layers[0]!, ...layers];
  }
  trace(): void {
    this.#skb.traced = true;
  }
  log(): void {
    // A line in the kernel's log changes nothing for the packet.
  }
}
