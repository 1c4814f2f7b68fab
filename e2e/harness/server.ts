// dist/ as a web host would serve it, also below a path or with headers of the host's choice (a strict Content-Security-Policy).
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/lib/serve.mjs';

export interface StaticServer {
  readonly port: number;
  /** Ends in `/`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** `/docs/packet-journey/`: the path below which the app appears. */
  readonly base?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another folder than dist/. */
  readonly folder?: string;
}

export const startServer = ({ folder, ...options }: ServerOptions = {}): Promise<StaticServer> =>
  serve(folder ?? fileURLToPath(new URL('../../dist/', import.meta.url)), {
    ...options,
    hosts: ['127.0.0.1'],
  });
