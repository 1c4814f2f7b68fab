// Chains of the reference plugins (pkg/utils/utils.go): a prefix and SHA-512 over network name and container, cut to the 28 characters that
// iptables allows.
import { sha512Hex } from '../hash/sha512.ts';

const LENGTH = 28;

export const cniChain = (prefix: string, network: string, containerID: string): string =>
  `${prefix}${sha512Hex(network + containerID)}`.slice(0, LENGTH);

/** `name: "cbr0" id: "0123..."`, as it stands between the quotes of a comment. */
export const cniComment = (network: string, containerID: string): string =>
  `name: \\"${network}\\" id: \\"${containerID}\\"`;
