// What the rule engine may see of a packet (NfView): live, because targets change mark, layers and connection while they walk.
// One for all tables of a hook. A class for its prototype, and with plain fields: it is made for every packet at every hook.
import type { CtBinding } from '../../conntrack/types.ts';
import { byteLength } from '../../wire/length.ts';
import type { IpAddr, Mac } from '../../wire/addr/types.ts';
import type { Layer } from '../../wire/types.ts';
import { factsOf, type Facts } from '../../netfilter/index.ts';
import type { NfView } from '../../netfilter/types.ts';
import { ethernet, fromL3, l3Index } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { Family, HookName, RouteType, TableName } from '../../trace/types.ts';
import type { Kernel, Netns } from '../types.ts';
import type { HookDevs } from './hooks.ts';
import { addrType, reversePathOk } from './route.ts';
import type { TableActions } from './table-actions.ts';

export class PacketView implements NfView {
  /** The one whose chains see the packet now. */
  table: TableName = 'raw';
  readonly kernel: Kernel;
  readonly ns: Netns;
  readonly skb: Skb;
  readonly family: Family;
  readonly hook: HookName;
  readonly devs: HookDevs;
  /** What its targets may do, made for the first table that is walked. */
  actions: TableActions | null = null;
  /** What was read of which layers: all tables of the hook ask. */
  private read: Facts | null = null;
  private readFrom: readonly Layer[] | null = null;

  constructor(kernel: Kernel, ns: Netns, skb: Skb, family: Family, hook: HookName, devs: HookDevs) {
    this.kernel = kernel;
    this.ns = ns;
    this.skb = skb;
    this.family = family;
    this.hook = hook;
    this.devs = devs;
  }
  get in(): string | null {
    return this.devs.in?.name ?? null;
  }
  get out(): string | null {
    return this.devs.out?.name ?? null;
  }
  get physin(): string | null {
    return this.skb.bridge?.physin.name ?? null;
  }
  get physout(): string | null {
    return this.skb.bridge?.physout?.name ?? null;
  }
  get layers(): readonly Layer[] {
    return this.facts.layers;
  }
  get facts(): Facts {
    const { layers } = this.skb;
    if (this.read === null || this.readFrom !== layers) {
      this.readFrom = layers;
      this.read = factsOf(fromL3(layers));
    }
    return this.read;
  }
  get length(): number {
    return byteLength(this.skb.layers, l3Index(this.skb.layers));
  }
  get netns(): string {
    return this.ns.name;
  }
  get srcMac(): Mac | null {
    return this.devs.in === null ? null : (ethernet(this.skb)?.src ?? null);
  }
  get mark(): number {
    return this.skb.mark;
  }
  get ct(): CtBinding | null {
    return this.skb.ct;
  }
  get ctState(): NfView['ctState'] {
    return this.skb.untracked ? 'UNTRACKED' : (this.skb.ct?.state ?? 'INVALID');
  }
  get now(): NfView['now'] {
    return this.kernel.rec.now;
  }
  get packetType(): NfView['packetType'] {
    return this.devs.in?.type === 'loopback' ? 'loopback' : this.skb.packetType;
  }
  addrType(addr: IpAddr, dev: string | null): RouteType {
    return addrType(this.ns, addr, dev);
  }
  reversePath({ loose, validMark }: { loose: boolean; validMark: boolean }): boolean {
    const ip = this.layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
    const mark = validMark ? this.skb.mark : 0;
    const from = this.devs.in;
    return from !== null && reversePathOk(from, ip.header.src, ip.header.dst, mark, loose);
  }
  random(stream: string): number {
    return this.kernel.rng(`${this.ns.name} ${stream}`).u32();
  }
  pathMtu(): number {
    return this.skb.dst?.mtu ?? (this.devs.out ?? this.devs.in)!.mtu;
  }
  owner(): { readonly uid: number; readonly gid: number } | null {
    return this.skb.socket === null ? null : { uid: 0, gid: 0 };
  }
}
