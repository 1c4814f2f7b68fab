// What `-j TTL` (IPv4) and `-j HL` (IPv6) share: set, lower or raise the hop count (net/netfilter/xt_HL.c).
import type { Family } from '../../trace/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { TargetModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';

export interface HopChange {
  readonly mode: 'set' | 'dec' | 'inc';
  readonly value: number;
}

function withHops(ip: Layer, hops: number): Layer {
  if (ip.kind === 'ipv4') return { ...ip, header: { ...ip.header, ttl: hops } };
  if (ip.kind === 'ipv6') return { ...ip, header: { ...ip.header, hopLimit: hops } };
  return ip;
}

export function hopTarget(name: 'TTL' | 'HL', family: Family): TargetModule<HopChange> {
  const prefix = name.toLowerCase();
  return {
    name,
    limits: { families: [family], tables: ['mangle'] },
    mangles: true,
    options: { [`${prefix}-set`]: '1', [`${prefix}-dec`]: '1', [`${prefix}-inc`]: '1' },
    parse(given, ctx) {
      const option = given[0];
      if (option === undefined || given.length > 1)
        ctx.fail(`${name}: exactly one option is required`);
      const mode = option?.name.endsWith('set')
        ? 'set'
        : option?.name.endsWith('dec')
          ? 'dec'
          : 'inc';
      const value = parseNumber(option?.values[0] ?? '', ctx, option?.name ?? name, 255);
      if (mode !== 'set' && value === 0)
        ctx.fail(`${name}: increment or decrement by 0 does nothing`);
      return { mode, value };
    },
    print: ({ mode, value }) => ` --${prefix}-${mode} ${value}`,
    compile:
      ({ mode, value }) =>
      (facts, _view, act) => {
        const hops =
          mode === 'set'
            ? value
            : mode === 'inc'
              ? Math.min(255, facts.ttl + value)
              : Math.max(0, facts.ttl - value);
        const ip = facts.layers[0];
        if (ip !== undefined && hops !== facts.ttl)
          act.mangle([withHops(ip, hops), ...facts.layers.slice(1)]);
        return 'continue';
      },
  };
}
