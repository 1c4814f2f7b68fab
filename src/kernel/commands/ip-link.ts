// ip-link(8): set up, down, mtu, address, master, nomaster; delete.
import { parseMac } from '../../wire/addr/mac.ts';
import { joinBridge, leaveBridge } from '../../net/bridge/ports.ts';
import { linkDown, linkRemove, linkUp, setMac, setMtu } from '../admin/link.ts';
import type { IpObject } from './ip-object.ts';
import { verbOf } from './ip-object.ts';

export const ipLink: IpObject = (k, ns, words) => {
  const [word = '', ...rest] = words;
  const verb = verbOf(word);
  if (verb === 'show' || verb === 'list') return null;
  const args = rest[0] === 'dev' ? rest.slice(1) : rest;
  const dev = ns.byName.get(args[0] ?? '');
  if (verb !== 'set' && verb !== 'delete') return `ip link ${verb} is not modelled`;
  if (dev === undefined) return `Cannot find device "${args[0] ?? ''}"`;
  if (verb === 'delete') return linkRemove(k, dev);
  for (let i = 1; i < args.length; i++) {
    switch (args[i]) {
      case 'up':
        linkUp(dev);
        break;
      case 'down':
        linkDown(k, dev);
        break;
      case 'mtu': {
        const mtu = Number(args[++i]);
        if (!(mtu >= 68)) return 'RTNETLINK answers: Invalid argument';
        setMtu(dev, mtu);
        break;
      }
      case 'address': {
        const mac = parseMac(args[++i] ?? '');
        if (mac === null) return `"${args[i] ?? ''}" is not an address`;
        setMac(k, dev, mac);
        break;
      }
      case 'master': {
        const bridge = ns.byName.get(args[++i] ?? '');
        if (bridge?.bridge == null) return `Cannot find bridge "${args[i] ?? ''}"`;
        joinBridge(dev, bridge);
        break;
      }
      case 'nomaster':
        leaveBridge(dev);
        break;
      default:
        return `${args[i]} is not modelled`;
    }
  }
  return null;
};
