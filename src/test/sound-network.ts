// What must hold for every network that is handed to the engine, whoever made it.
import { portsOf } from '../appliance/index.ts';
import type { LinuxNetwork } from '../network/types.ts';

/** Of host ends of veths that no frame is bridged from: they may all have it. */
const ROUTED = 'ee:ee:ee:ee:ee:ee';

/** What is wrong with it, a sentence each. */
export function problems({ namespaces, appliances = [] }: LinuxNetwork): readonly string[] {
  const boxes = appliances.map((one) => ({ name: one.name, devices: portsOf(one) }));
  const places = [...namespaces, ...boxes];
  const names = places.map((ns) => ns.name);
  const found = names.filter((name, i) => names.indexOf(name) !== i).map((n) => `two called ${n}`);
  const macs = new Set<string>();
  for (const ns of namespaces) {
    if (!names.includes(ns.host ?? ns.name)) found.push(`${ns.name} lives on no machine`);
    const devices = ns.devices.map((dev) => dev.name);
    for (const dev of ns.devices) {
      if (devices.indexOf(dev.name) !== devices.lastIndexOf(dev.name))
        found.push(`${ns.name}: two devices called ${dev.name}`);
      const name = `${ns.name} ${dev.name}`;
      if (dev.name.length > 15) found.push(`${name}: a name that the kernel refuses`);
      // A bridge shares the address of its first port.
      const shared = dev.type === 'bridge' || dev.type === 'loopback' || dev.mac === ROUTED;
      const mac = shared ? undefined : dev.mac;
      if (mac !== undefined && macs.has(mac)) found.push(`${name}: ${mac} twice`);
      if (mac !== undefined && (Number.parseInt(mac.slice(0, 2), 16) & 3) !== 2)
        found.push(`${name}: ${mac} is not unicast and locally administered`);
      macs.add(mac ?? '');
      const master = ns.devices.find((d) => d.name === dev.master);
      if (dev.master !== undefined && master?.type !== 'bridge') found.push(`${name}: no bridge`);
      const other = places
        .find((n) => n.name === dev.peer?.ns)
        ?.devices.find((d) => d.name === dev.peer?.dev);
      const back = other?.peer?.ns === ns.name && other.peer.dev === dev.name;
      if (dev.peer !== undefined && !back) found.push(`${name}: a cable with one end`);
    }
  }
  return found;
}
