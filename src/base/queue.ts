// A binary heap ordered by (time, insertion). Equal times pop in insertion order: that is the whole
// rule for things that happen at once.
import type { Brand } from './brand.ts';

/** Virtual time in nanoseconds since the run started. Never wall time. */
export type Nanos = Brand<number, 'Nanos'>;
export const nanos = (value: number): Nanos => value as Nanos;
export const MS = 1_000_000;
export const SECOND = 1_000_000_000;

export interface EventQueue<T> {
  push(at: Nanos, value: T): void;
  pop(): { readonly at: Nanos; readonly value: T } | undefined;
  peek(): Nanos | undefined;
}

interface Item<T> {
  readonly at: Nanos;
  readonly order: number;
  readonly value: T;
}

const before = <T>(a: Item<T>, b: Item<T>): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

export function createQueue<T>(): EventQueue<T> {
  const heap: Item<T>[] = [];
  let order = 0;
  const swap = (i: number, j: number): void => {
    const item = heap[i]!;
    heap[i] = heap[j]!;
    heap[j] = item;
  };
  return {
    push(at, value) {
      let i = heap.push({ at, order: order++, value }) - 1;
      while (i > 0) {
        const parent = (i - 1) >> 1;
        if (!before(heap[i]!, heap[parent]!)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (top === undefined || last === undefined || heap.length === 0) return top;
      heap[0] = last;
      for (let i = 0; ;) {
        const left = 2 * i + 1;
        const right = left + 1;
        let least = i;
        if (left < heap.length && before(heap[left]!, heap[least]!)) least = left;
        if (right < heap.length && before(heap[right]!, heap[least]!)) least = right;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
      return top;
    },
    peek: () => heap[0]?.at,
  };
}
