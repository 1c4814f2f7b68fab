// What targets may do to the packet of a walk (NfActions). A class for its prototype, as the view is.
import type { NatRange, NfActions } from '../../netfilter/types.ts';
import { l3Index } from '../../net/skb.ts';
import type { Layer } from '../../wire/types.ts';
import { changedEntry } from './conntrack.ts';
import { setupRange } from './nat-setup.ts';
import type { PacketView } from './packet-view.ts';
import { reject } from './reject.ts';

export class TableActions implements NfActions {
  /** What a target sent or chose is told after the walk that led to it. */
  readonly later: (() => void)[] = [];
  private readonly view: PacketView;

  constructor(view: PacketView) {
    this.view = view;
  }
  tellLater(): void {
    if (this.later.length > 0) for (const tell of this.later.splice(0)) tell();
  }
  setMark(mark: number): void {
    this.view.skb.mark = mark >>> 0;
  }
  setCtMark(mark: number): void {
    const entry = this.view.skb.ct?.entry;
    if (entry === undefined || entry.mark === mark >>> 0) return;
    changedEntry(this.view.kernel, this.view.ns, entry, () => {
      entry.mark = mark >>> 0;
    });
  }
  untrack(): void {
    this.view.skb.ct = null;
    this.view.skb.untracked = true;
  }
  ctZone(zone: number): void {
    this.view.skb.ctZone = zone;
  }
  nat(range: NatRange): 'accept' | 'drop' {
    const { kernel, ns, skb, devs } = this.view;
    return setupRange(kernel, ns, skb, range, devs, this.later);
  }
  reject(kind: string): void {
    const { kernel, ns, skb, family, hook, devs } = this.view;
    this.later.push(() => reject(kernel, ns, skb, family, hook, kind, devs));
  }
  mangle(layers: readonly Layer[]): void {
    const at = l3Index(this.view.skb.layers);
    this.view.skb.layers = at === 0 ? layers : [this.view.skb.layers[0]!, ...layers];
  }
  trace(): void {
    this.view.skb.traced = true;
  }
  log(): void {
    // A line in the kernel's log changes nothing for the packet.
  }
}
