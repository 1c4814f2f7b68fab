// The bridge as a device: what the host itself sends into it (net/bridge/br_device.c).
import { bridgeXmit } from '../bridge/bridge.ts';
import type { DeviceDriver } from './driver.ts';

export const bridge: DeviceDriver = { peer: () => null, transmit: bridgeXmit };
