// -m owner: the user of the socket that sent it (net/netfilter/xt_owner.c). A forwarded packet has none.
import {
  bang,
  byMismatch,
  find,
  type Given,
  type MatchModule,
  type ParseContext,
} from '../module.ts';
import { parseNumber, printPortRange, type Range } from '../save/values.ts';

interface Ids extends Range {
  readonly invert: boolean;
}
export interface OwnerSpec {
  readonly uid: Ids | null;
  readonly gid: Ids | null;
  readonly socket: { readonly invert: boolean } | null;
}
function parseIds(option: Given | undefined, ctx: ParseContext): Ids | null {
  if (option === undefined) return null;
  const text = option.values[0] ?? '';
  const dash = text.indexOf('-');
  const number = (word: string): number =>
    word === 'root' ? 0 : parseNumber(word, ctx, option.name, 0xfffffffe);
  const min = number(dash < 0 ? text : text.slice(0, dash));
  return { min, max: dash < 0 ? min : number(text.slice(dash + 1)), invert: option.invert };
}
const printIds = (name: string, ids: Ids | null): string =>
  ids ? `${bang(ids.invert)} --${name} ${printPortRange(ids, '-')}` : '';

export const owner: MatchModule<OwnerSpec> = {
  name: 'owner',
  limits: { hooks: ['OUTPUT', 'POSTROUTING'] },
  options: { 'uid-owner': '!1', 'gid-owner': '!1', 'socket-exists': '!0' },
  parse(given, ctx) {
    if (given.length === 0)
      ctx.fail('owner: At least one of --uid-owner, --gid-owner or --socket-exists is required');
    const socket = find(given, 'socket-exists');
    return {
      uid: parseIds(find(given, 'uid-owner'), ctx),
      gid: parseIds(find(given, 'gid-owner'), ctx),
      socket: socket ? { invert: socket.invert } : null,
    };
  },
  print: ({ uid, gid, socket }) =>
    (socket ? `${bang(socket.invert)} --socket-exists` : '') +
    printIds('uid-owner', uid) +
    printIds('gid-owner', gid),
  ...byMismatch<OwnerSpec>((spec, _, view) => {
    const { uid, gid, socket } = spec;
    const who = view.owner();
    if (who === null)
      return [uid, gid, socket].every((condition) => condition === null || condition.invert)
        ? null
        : 'no local socket sent the packet';
    if (socket?.invert) return 'a local socket sent the packet';
    for (const [name, ids, id] of [
      ['uid', uid, who.uid],
      ['gid', gid, who.gid],
    ] as const)
      if (ids !== null && (id >= ids.min && id <= ids.max) === ids.invert)
        return `${name} ${id} is ${ids.invert ? '' : 'not '}${printPortRange(ids, '-')}`;
    return null;
  }),
};
