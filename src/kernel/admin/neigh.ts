// Neighbour entries that a person or a link event changes (neigh_update with NEIGH_UPDATE_F_ADMIN, neigh_flush_dev).
import { neighUpdate, takeQueue } from '../../net/neigh/machine.ts';
import { sendResolved } from '../../net/neigh/output.ts';
import { removeNeigh } from '../../net/neigh/table.ts';
import type { Dev, Neigh } from '../../net/types.ts';
import type { NudState } from '../../trace/types.ts';
import type { Mac } from '../../wire/addr/types.ts';
import type { Kernel } from '../types.ts';

/** The entry is gone; what waited for it is dropped without a word. */
export function forgetNeigh(k: Kernel, neigh: Neigh): void {
  neigh.generation++;
  for (const skb of takeQueue(neigh))
    k.drop(skb, neigh.dev, 'NEIGH_FAILED', 'neigh_flush_dev', 'the entry was removed');
  removeNeigh(neigh.dev.ns, neigh);
}

/** neigh_flush_dev: `keep` the permanent ones when only the cable was pulled (neigh_carrier_down). */
export function flushNeigh(k: Kernel, dev: Dev, keep: 'permanent' | 'none'): void {
  for (const neigh of [...dev.ns.neigh.values()])
    if (neigh.dev === dev && !(keep === 'permanent' && neigh.state === 'PERMANENT'))
      forgetNeigh(k, neigh);
}

export function setNeigh(k: Kernel, neigh: Neigh, mac: Mac | null, state: NudState): void {
  if (neigh.state === 'PERMANENT' || neigh.state === 'NOARP') neigh.state = 'STALE';
  if (mac === null || state === 'FAILED' || state === 'NONE') {
    neigh.generation++;
    neigh.state = state;
    return;
  }
  neighUpdate(k, neigh, { mac, state, override: true }, (n, skb) => sendResolved(k, n, skb));
}
