// Ports of a policy rule: numbers, ranges and names (libcalico-go conversion.go SimplifyPorts, felix/rules/policy.go SplitPortList).

export interface PortRange {
  readonly first: number;
  readonly last: number;
}
export interface PolicyPorts {
  /** Sorted, without overlap. */
  readonly ranges: readonly PortRange[];
  /** Names of container ports, looked up on the destination. */
  readonly names: readonly string[];
}

export const NO_PORTS: PolicyPorts = { ranges: [], names: [] };

/** Ranges that touch or overlap become one; names stay. */
export function mergePorts(one: PolicyPorts, other: PolicyPorts): PolicyPorts {
  const merged: PortRange[] = [];
  const sorted = [...one.ranges, ...other.ranges].sort((a, b) => a.first - b.first);
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1)
      merged[merged.length - 1] = {
        first: before.first,
        last: Math.max(before.last, range.last),
      };
    else merged.push(range);
  }
  return { ranges: merged, names: [...new Set([...one.names, ...other.names])] };
}

/** A multiport match has 15 places; a range takes two. */
const MULTIPORT_PLACES = 15;

/** Ranges in as many multiport matches as they need. */
export function splitPorts(ranges: readonly PortRange[]): readonly (readonly PortRange[])[] {
  const splits: PortRange[][] = [];
  let free = 0;
  for (const range of ranges) {
    const places = range.first === range.last ? 1 : 2;
    if (free < places) {
      splits.push([]);
      free = MULTIPORT_PLACES;
    }
    splits.at(-1)!.push(range);
    free -= places;
  }
  return splits;
}

/** As multiport writes them: `80,443,8000:8080`. */
export const printPorts = (ranges: readonly PortRange[]): string =>
  ranges.map(({ first, last }) => (first === last ? String(first) : `${first}:${last}`)).join(',');
