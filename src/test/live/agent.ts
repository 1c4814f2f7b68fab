// The other end of agent/agent.py: one question, one answer, as lines of JSON. When this process ends, however it ends, the agent's
// stdin ends with it, and the agent removes the namespaces that it made.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { FlowResult, FlowSpec, ListenerSpec } from '../../network/types.ts';
import { inRoot } from '../../../tools/lib/root.mjs';

/** ns since the flow began, device, `out` or who it was for, length on the wire, bytes in hex. */
export type Frame = readonly [number, string, string, number, string];

/** What the TRACE target said of one rule. */
export interface TraceLine {
  readonly hook: string;
  readonly mark: number;
  readonly prefix: string;
  readonly packet: string;
  readonly in?: string;
  readonly out?: string;
  readonly physin?: string;
  readonly physout?: string;
}

export interface Seen {
  readonly results: readonly FlowResult[];
  /** What the scripts of those names printed. */
  readonly before: string;
  readonly after: string;
  /** Times that a ring had no room: what was recorded is not whole. */
  readonly lost: number;
  readonly frames: Readonly<Record<string, readonly Frame[]>>;
  readonly trace: Readonly<Record<string, readonly TraceLine[]>>;
  readonly drops?: readonly {
    readonly ns: string;
    readonly dev: string;
    readonly reason: string;
    readonly at: string;
  }[];
}

/** A flow that was read as it went on. */
export interface Explained {
  readonly results: readonly FlowResult[];
  /** Times that a ring had no room. */
  readonly lost: number;
  /** From the first frame on until the last frame and the last line were read. */
  readonly ms: number;
  readonly frames: number;
  /** On rules. */
  readonly lines: number;
}

interface Operations {
  hello: {
    ask: { readonly cpu: number | null };
    answer: { readonly prefix: string; readonly kernel: string; readonly cpu: number };
  };
  sh: {
    ask: { readonly script: string; readonly pinned?: boolean };
    answer: { readonly code: number; readonly out: string; readonly err: string };
  };
  can_trace: { ask: { readonly namespace: string }; answer: { readonly missing?: string } };
  watch_drops: { ask: object; answer: { readonly missing?: string } };
  open: {
    ask: {
      readonly namespaces: readonly string[];
      readonly listeners: readonly (ListenerSpec & { readonly ns: string })[];
      readonly trace: Readonly<Record<string, readonly string[]>>;
      /** Namespaces whose rules are of nf_tables: xtables-monitor tells of them. */
      readonly monitor?: readonly string[];
    };
    answer: object;
  };
  flush: { ask: object; answer: { readonly quiet_ms: number } };
  flow: {
    ask: {
      readonly flows: readonly Omit<FlowSpec, 'do'>[];
      readonly stagger_ms: number;
      readonly settle_ms: number;
      readonly gap_ms: number;
      readonly before: string;
      readonly after: string;
    };
    answer: Seen;
  };
  explain: {
    ask: { readonly flow: Omit<FlowSpec, 'do'>; readonly settle_ms: number };
    answer: Explained;
  };
  schedule: {
    ask: { readonly pids: readonly number[]; readonly like_agent: boolean };
    /** They go before other programs. */
    answer: { readonly priority: boolean };
  };
  close: { ask: object; answer: { readonly left: readonly string[] } };
}

export interface Agent {
  ask<K extends keyof Operations>(
    name: K,
    of: Operations[K]['ask'],
  ): Promise<Operations[K]['answer']>;
  /** Resolves when all that it made is gone. */
  end(): Promise<void>;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export function startAgent(): Agent {
  // A session of its own: Ctrl-C in a terminal reaches us alone.
  const child = spawn('python3', ['-B', inRoot('src', 'test', 'live', 'agent', 'agent.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let gone: Error | null = null;
  const ended = new Promise<void>((resolve) => {
    const over = (why: string): void => {
      gone ??= new Error(`the agent ${why}`);
      for (const one of waiting.values()) one.reject(gone);
      waiting.clear();
      resolve();
    };
    child.on('error', (error) => over(`did not start: ${error.message}`));
    child.on('exit', (code, signal) => over(`ended (${signal ?? code})`));
  });
  // A broken pipe shows as the agent's end.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const answer = JSON.parse(text) as { readonly id: number; readonly failed?: string };
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.failed === undefined) one?.resolve(answer);
    else one?.reject(new Error(answer.failed));
  });
  return {
    async ask(name, of) {
      if (gone !== null) throw gone;
      const id = next++;
      const answer = new Promise<unknown>((resolve, reject) =>
        waiting.set(id, { resolve, reject }),
      );
      child.stdin.write(`${JSON.stringify({ id, do: name, ...of })}\n`);
      return (await answer) as never;
    },
    end() {
      child.stdin.end();
      return ended;
    },
  };
}
