// A cloud as the ground that machines stand on: which subnets are its own, and what it keeps in them.
import type * as v from 'valibot';

/** The cloud's own network. Subnets outside of it are beyond its gateway. */
export interface CloudNetwork {
  readonly cidrs: readonly string[];
  /** Of machines in it. */
  readonly mtu: number;
  /** Names that no machine and no pod may have. */
  readonly names: readonly string[];
  /** The router's address in a subnet. */
  router(cidr: string): string | null;
  /** Addresses of a subnet that no machine may have, the router's among them. */
  reserved(subnet: { readonly name: string; readonly cidr: string }): readonly string[];
  /** Names of subnets that its settings speak of. */
  readonly mentions: readonly string[];
}

export interface CloudDriver<Schema extends v.GenericSchema> {
  readonly title: string;
  readonly options: Schema;
  /** Where the document names no subnets. */
  readonly subnet: { readonly name: string; readonly cidr: string };
  network(options: v.InferOutput<Schema>): CloudNetwork;
}
