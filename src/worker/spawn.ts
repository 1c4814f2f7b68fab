// The two places where the engine can live: a module worker, or the page itself.
import type { Link, Spawns } from './connect.ts';
import { portChannel } from './protocol.ts';
import type { FromEngine, ToEngine } from './protocol.ts';
import { serveEngine } from './serve.ts';

function workerLink(): Link {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
  return {
    channel: {
      post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
      listen(receive) {
        worker.onmessage = (event: MessageEvent<FromEngine>) => receive(event.data);
      },
      close: () => worker.terminate(),
    },
    onDeath(listener) {
      worker.onerror = (event) => {
        event.preventDefault();
        // A script that could not be loaded has an event without a message.
        listener(event.message || 'the worker could not be loaded');
      };
      worker.onmessageerror = () => listener('a message from the worker could not be read');
    },
  };
}

function mainThreadLink(): Link {
  const { port1, port2 } = new MessageChannel();
  let died: (message: string) => void = () => {};
  // Loaded only here: a page with a worker never gets the engine's code twice.
  import('./engine.ts').then(
    ({ createEngine }) => serveEngine(portChannel<FromEngine, ToEngine>(port2), createEngine()),
    (error: unknown) => died(error instanceof Error ? error.message : String(error)),
  );
  return {
    channel: portChannel<ToEngine, FromEngine>(port1),
    onDeath(listener) {
      died = listener;
    },
  };
}

export const engineSpawns: Spawns = {
  worker: workerLink,
  mainThread: mainThreadLink,
  patience: 1000,
};
