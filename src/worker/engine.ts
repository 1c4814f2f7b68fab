// What the engine answers, wherever it runs: YAML text in, the network and the trace of its journey out.
import { at } from '../base/diagnostic.ts';
import type { Handlers } from './serve.ts';

export const engine: Handlers = {
  simulate: () => ({
    kind: 'failed',
    diagnostics: [
      {
        severity: 'error',
        place: at('scenario'),
        reason: 'this build cannot compile scenarios yet',
        fix: null,
      },
    ],
  }),
};
