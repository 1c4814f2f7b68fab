// Ports that the kernel picks: an even one of ip_local_port_range at random, then the next (inet_csk_find_open_port).
import type { Kernel, Netns } from '../types.ts';

export function ephemeralPort(k: Kernel, ns: Netns, free: (port: number) => boolean): number {
  const start = k.rng(`${ns.name} port`).u32() % 14_116;
  for (let i = 0; i < 14_116; i++) {
    const port = 32_768 + 2 * ((start + i) % 14_116);
    if (free(port)) return port;
  }
  return 32_769;
}
