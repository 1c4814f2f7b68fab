// A static web server for dist/: what any web host would do with these files, and nothing more. Node built-ins only.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.yaml': 'application/yaml; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.pcapng': 'application/octet-stream',
};
const COMPRESSED = /^(text\/|application\/(json|yaml|xml|manifest)|image\/svg)/;

/**
 * The file that a request means, or null.
 * @param {string} folder
 * @param {string} base
 * @param {string} url
 */
function fileOf(folder, base, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (!path.startsWith(base) || path.includes('\0')) return null;
  const top = resolve(folder);
  const file = join(top, path.slice(base.length));
  if (file !== top && !file.startsWith(top + sep)) return null;
  for (const candidate of [file, join(file, 'index.html')]) {
    const stat = statSync(candidate, { throwIfNoEntry: false });
    if (stat?.isFile()) return { file: candidate, size: stat.size };
  }
  return null;
}

/**
 * @param {string} folder
 * @param {{port?: number, hosts?: readonly string[], base?: string, headers?: Record<string, string>}} [options]
 *   `port` 0 takes a free one. `base` is a path below which the folder appears. `headers` go with every answer.
 */
export async function serve(folder, options = {}) {
  const { hosts = ['127.0.0.1', '::1'], base = '/', headers = {} } = options;
  /** @type {import('node:http').RequestListener} */
  const answer = (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const found = fileOf(folder, base, request.url ?? '/');
    if (found === null) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
      return;
    }
    const type = TYPES[extname(found.file)] ?? 'application/octet-stream';
    response.setHeader('Content-Type', type);
    // Names of built assets carry a hash of their content.
    response.setHeader(
      'Cache-Control',
      /[\\/]assets[\\/]/.test(found.file) ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    const zip =
      COMPRESSED.test(type) && /\bgzip\b/.test(String(request.headers['accept-encoding']));
    if (zip) {
      response.setHeader('Content-Encoding', 'gzip');
      response.setHeader('Vary', 'Accept-Encoding');
    } else response.setHeader('Content-Length', found.size);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const bytes = createReadStream(found.file);
    // A reader that goes away half way is no error of ours.
    if (zip) pipeline(bytes, createGzip({ level: 9 }), response, () => {});
    else pipeline(bytes, response, () => {});
  };

  /** @type {import('node:http').Server[]} */
  const servers = [];
  let port = options.port ?? 0;
  const close = async () => {
    await Promise.all(
      servers.map((server) => {
        const done = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return done;
      }),
    );
  };
  for (const host of hosts) {
    const server = createServer(answer);
    try {
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host }, () => resolve(undefined));
      });
    } catch (error) {
      const code = /** @type {NodeJS.ErrnoException} */ (error).code;
      // A machine without IPv6 still has the first address.
      if (servers.length > 0 && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue;
      await close();
      throw error;
    }
    servers.push(server);
    const address = server.address();
    if (address !== null && typeof address === 'object') port = address.port;
  }
  return { port, url: `http://localhost:${port}${base}`, close };
}
