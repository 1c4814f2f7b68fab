// Carrier (netif_carrier_ok): whether anything hangs at the other end. A veth has it while its peer is up, a bridge while one
// of its ports is, a macvlan while its lower device is.
import type { Dev } from '../types.ts';

export function hasCarrier(dev: Dev): boolean {
  if (dev.type === 'veth') return dev.peer?.up === true;
  if (dev.bridge !== null) return dev.bridge.ports.some((port) => port.up && hasCarrier(port));
  if (dev.macvlan !== null) return dev.macvlan.lower.up && hasCarrier(dev.macvlan.lower);
  return true;
}

/** Up, with carrier. */
export const running = (dev: Dev): boolean => dev.up && hasCarrier(dev);
