// Calico's tunnel devices and the MTU that they leave (felix/dataplane/linux: vxlan_mgr.go, ipip_mgr.go, int_dataplane.go).
import { hostCidr } from '../cidr.ts';
import { ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { sha1Text } from '../hash/sha1.ts';
import type { NetAction } from '../ops.ts';
import type { CalicoShared } from './calico-ipam.ts';
import { tunnelOf } from './calico-options.ts';
import type { CalicoOptions } from './calico-options.ts';
import type { CniContext, NodeInfo } from './types.ts';

const OVERHEAD = {
  ipip: { IPv4: 20, IPv6: 0 },
  vxlan: { IPv4: 50, IPv6: 70 },
} as const;

const mtuOf = (node: NodeInfo, options: CalicoOptions, family: IpFamily): number => {
  const tunnel = tunnelOf(options, family);
  return tunnel === null ? node.mtu : node.mtu - OVERHEAD[tunnel][family];
};

/** The smallest that any enabled tunnel leaves, whether or not a packet will use it: CrossSubnet counts. */
export const podMtu = (ctx: CniContext, options: CalicoOptions): number =>
  Math.min(...ctx.families.map((family) => mtuOf(ctx.node, options, family)));

export const tunnelDevice = (options: CalicoOptions, family: IpFamily): string | null => {
  switch (tunnelOf(options, family)) {
    case 'ipip':
      return 'tunl0';
    case 'vxlan':
      return family === 'IPv4' ? 'vxlan.calico' : 'vxlan-v6.calico';
    case null:
      return null;
  }
};

/** `f` and five bytes of a hash of the node's name: every node knows the address of every other. */
export function vtepMac(node: string, family: IpFamily): string {
  const hash = sha1Text(family === 'IPv4' ? node : `${node}-v6`);
  return Array.from([0x66, ...hash.subarray(0, 5)], (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join(':');
}

export const tunnelAddress = (
  { tunnels }: CalicoShared,
  node: string,
  family: IpFamily,
): string | null => tunnels.find((one) => one.node === node && one.family === family)?.ip ?? null;

/** The device with its address, or nothing. */
export function tunnelActions(
  ctx: CniContext<CalicoShared>,
  options: CalicoOptions,
  family: IpFamily,
): readonly NetAction[] {
  const { node, shared } = ctx;
  const name = tunnelDevice(options, family);
  const ip = tunnelAddress(shared, node.name, family);
  if (name === null || ip === null) return [];
  const mtu = mtuOf(node, options, family);
  const address: NetAction = { op: 'addr.add', dev: name, cidr: hostCidr(ip) };
  if (tunnelOf(options, family) === 'ipip')
    return [{ op: 'link.add', dev: { name, type: 'ipip', mtu, ipip: {} } }, address];
  const vxlan = {
    vni: options.vxlanVNI,
    dstport: options.vxlanPort,
    local: ofFamily(node.ips, family) ?? '',
    dev: node.device,
    learning: false,
  };
  const mac = vtepMac(node.name, family);
  return [{ op: 'link.add', dev: { name, type: 'vxlan', mac, mtu, vxlan } }, address];
}
