// `npm start`: from a fresh clone to the running app in one command. Installs what is missing, builds, serves dist/.
import { ensureInstalled } from './lib/install.mjs';
import { inRoot } from './lib/root.mjs';

const PORT = Number(process.env.PORT ?? 4173);
if (!Number.isInteger(PORT) || PORT < 0 || PORT > 65535) {
  console.error(`PORT=${process.env.PORT} is not a port number.`);
  process.exit(2);
}

ensureInstalled();
console.log('Building ...');
const { build } = await import('./lib/build.mjs');
await build();
const { serve } = await import('./lib/serve.mjs');

try {
  const server = await serve(inRoot('dist'), { port: PORT });
  console.log(`Packet Journey is at ${server.url}   (Ctrl+C ends it)`);
  let closing = false;
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals)
    process.on(signal, () => {
      // The terminal and npm may both hand on one Ctrl+C.
      if (closing) return;
      closing = true;
      void server.close().then(() => {
        console.log('Closed.');
        process.exit(0);
      });
    });
} catch (error) {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
  console.error(
    `Port ${PORT} is taken by another program. End that, or choose another port: PORT=4174 npm start`,
  );
  process.exit(1);
}
