// Kinds of devices, by the word after `ip link add ... type`. To add one: a file beside this one that exports a DeviceDriver,
// a line here, and its word in network/types.ts.
import type { DeviceType } from '../../network/types.ts';
import { bridge } from './bridge.ts';
import type { DeviceDriver } from './driver.ts';
import { dummy } from './dummy.ts';
import { ipip } from './ipip.ts';
import { loopback } from './loopback.ts';
import { macvlan } from './macvlan.ts';
import { veth } from './veth.ts';
import { vxlan } from './vxlan.ts';

export const drivers = {
  loopback,
  veth,
  bridge,
  vxlan,
  macvlan,
  dummy,
  ipip,
} as const satisfies Record<DeviceType, DeviceDriver>;

export const driverOf = (type: string): DeviceDriver => drivers[type as DeviceType] ?? dummy;
