// -m physdev: the bridge ports behind a bridged packet's devices (net/netfilter/xt_physdev.c; br_netfilter sets them).
import { bang, byMismatch, find, type MatchModule } from '../module.ts';
import { deviceFits } from '../save/values.ts';

interface Named {
  readonly name: string;
  readonly invert: boolean;
}
interface Flag {
  readonly invert: boolean;
}
export interface PhysdevSpec {
  readonly in: Named | null;
  readonly out: Named | null;
  readonly isIn: Flag | null;
  readonly isOut: Flag | null;
  readonly isBridged: Flag | null;
}

const printName = (option: string, named: Named | null): string =>
  named ? `${bang(named.invert)} --physdev-${option} ${named.name}` : '';
const printFlag = (option: string, flag: Flag | null): string =>
  flag ? `${bang(flag.invert)} --physdev-is-${option}` : '';

export const physdev: MatchModule<PhysdevSpec> = {
  name: 'physdev',
  options: {
    'physdev-in': '!1',
    'physdev-out': '!1',
    'physdev-is-in': '!0',
    'physdev-is-out': '!0',
    'physdev-is-bridged': '!0',
  },
  parse(given, ctx) {
    if (given.length === 0) ctx.fail('PHYSDEV: no physdev option specified');
    const named = (name: string): Named | null => {
      const option = find(given, name);
      return option ? { name: option.values[0] ?? '', invert: option.invert } : null;
    };
    const flag = (name: string): Flag | null => {
      const option = find(given, name);
      return option ? { invert: option.invert } : null;
    };
    return {
      in: named('physdev-in'),
      out: named('physdev-out'),
      isIn: flag('physdev-is-in'),
      isOut: flag('physdev-is-out'),
      isBridged: flag('physdev-is-bridged'),
    };
  },
  print: (spec) =>
    printFlag('in', spec.isIn) +
    printName('in', spec.in) +
    printFlag('out', spec.isOut) +
    printName('out', spec.out) +
    printFlag('bridged', spec.isBridged),
  ...byMismatch<PhysdevSpec>((spec, _, { physin, physout }) => {
    const bridged = physin !== null || physout !== null;
    const flags = [
      ['the packet is bridged to a port', spec.isBridged, physout !== null],
      ['it came in by a bridge port', spec.isIn, physin !== null],
      ['it goes out by a bridge port', spec.isOut, physout !== null],
    ] as const;
    for (const [what, flag, holds] of flags)
      if (flag !== null && (bridged && holds) === flag.invert)
        return `${what}: ${bridged && holds ? 'yes' : 'no'}`;
    const names = [
      ['physical in', spec.in, physin],
      ['physical out', spec.out, physout],
    ] as const;
    for (const [what, named, port] of names) {
      // A packet that some bridge carried, but of which this port is not known, passes `--physdev-in`.
      if (named === null || (bridged && port === null && what === 'physical in')) continue;
      const fits = port !== null && deviceFits(port, named.name);
      if (fits === named.invert)
        return `${what} port ${port ?? '(none)'} is ${named.invert ? '' : 'not '}${named.name}`;
    }
    return null;
  }),
};
