// The worker's script: the engine at the end of the worker's own port.
import { createEngine } from './engine.ts';
import { serveEngine } from './serve.ts';
import type { ToEngine } from './protocol.ts';

serveEngine(
  {
    post: (message, transfer = []) => self.postMessage(message, { transfer: [...transfer] }),
    listen(receive) {
      self.onmessage = (event: MessageEvent<ToEngine>) => receive(event.data);
    },
    close: () => self.close(),
  },
  createEngine(),
);
