// ip-address(8): add, delete, replace, flush.
import { parsePrefix } from '../../wire/addr/prefix.ts';
import { addAddress, removeAddress } from '../admin/address.ts';
import type { IpObject } from './ip-object.ts';
import { verbOf } from './ip-object.ts';
import { keywords } from './shell.ts';

const FLAGS = ['nodad', 'noprefixroute', 'home', 'mngtmpaddr', 'secondary', 'permanent'];

export const ipAddress: IpObject = (k, ns, words, family) => {
  const [word = '', ...rest] = words;
  const verb = verbOf(word);
  if (verb === 'show' || verb === 'list') return null;
  if (verb === 'flush') {
    const dev = ns.byName.get(keywords(rest, FLAGS).get('dev') ?? rest[0] ?? '');
    if (dev === undefined) return 'Flush requires a device';
    for (const one of [...dev.addresses])
      if (family === null || (family === 'ipv6') === (typeof one.prefix.addr === 'bigint'))
        removeAddress(k, dev, one.prefix);
    return null;
  }
  const options = keywords(rest[0] === 'local' ? rest.slice(1) : rest.slice(1), FLAGS);
  const prefix = parsePrefix((rest[0] === 'local' ? rest[1] : rest[0]) ?? '');
  const dev = ns.byName.get(options.get('dev') ?? '');
  if (dev === undefined) return `Cannot find device "${options.get('dev') ?? ''}"`;
  if (prefix === null) return `"${rest[0] ?? ''}" is not an address`;
  if (verb === 'delete') return removeAddress(k, dev, prefix);
  if (verb !== 'add' && verb !== 'replace' && verb !== 'change')
    return `ip address ${verb} is not modelled`;
  const scope = options.get('scope');
  const problem = addAddress(dev, prefix, {
    noprefixroute: options.has('noprefixroute'),
    ...(scope === undefined ? {} : { scope }),
  });
  return verb === 'add' ? problem : null;
};
