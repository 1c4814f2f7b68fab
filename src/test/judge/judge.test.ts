// The judge finds what it is there to find, and says what ../shared/conformance/bin/compare-kernel.mjs says, where that is at hand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { GRADES, GRADE_NAMES } from './grades.ts';
import type { Grade } from './grades.ts';
import { differences, judge } from './judge.ts';
import { printTable, printVerdict } from './print.ts';
import { predictRuns, readRecordings, recordingsFolder } from './recording.ts';
import type { Recording } from './recording.ts';
import type { JsonObject, Run } from './types.ts';

const recordings = readRecordings(recordingsFolder);
const named = (id: string): Recording => recordings.find((one) => one.id === id)!;
const failing = (recording: Recording, engine: readonly Run[]): readonly Grade[] =>
  differences(judge(recording, engine)).map(({ grade }) => grade);

type Change = (run: Run) => Run;
const firstOf = (list: readonly JsonObject[] = []): readonly JsonObject[] => list.slice(1);
const withTtl = (o: JsonObject, ttl: number): JsonObject => ({
  ...o,
  ip: { ...(o['ip'] as JsonObject), ttl },
});
type Tables = Readonly<Record<string, readonly JsonObject[]>>;
const lessRows = (tables: Tables = {}): Tables =>
  Object.fromEntries(
    Object.entries(tables).map(([ns, rows], i) => [ns, i === 0 ? firstOf(rows) : rows]),
  );

/** Wrong predictions, made from right ones, and a grade that must notice (if there was something to change). */
const CHANGES: Readonly<Record<string, Change>> = {
  'an observation is missing': (run) => ({ ...run, observations: firstOf(run.observations) }),
  'a TTL is wrong': (run) => {
    const list = run.observations ?? [];
    const at = list.findIndex((o) => o['ip'] !== undefined);
    return { ...run, observations: list.map((o, i) => (i === at ? withTtl(o, 1) : o)) };
  },
  'two observations change places': (run) => {
    const list = run.observations ?? [];
    // In one namespace, but not at one crossing: the order alone is wrong then.
    const at = list.findIndex((o, i) => {
      const next = list[i + 1];
      return o['ns'] === next?.['ns'] && (o['if'] !== next?.['if'] || o['dir'] !== next?.['dir']);
    });
    const [a, b] = [list[at], list[at + 1]];
    if (a === undefined || b === undefined) return run;
    return { ...run, observations: [...list.slice(0, at), b, a, ...list.slice(at + 2)] };
  },
  'a packet is missing': (run) => ({ ...run, packets: firstOf(run.packets) }),
  'a conntrack entry is missing': (run) => ({ ...run, conntrack: lessRows(run.conntrack) }),
  'a rule counted once more': (run) => ({
    ...run,
    rules_moved: (run.rules_moved ?? []).map((r, i) => (i === 0 ? { ...r, packets: 99 } : r)),
  }),
  'a drop too many': (run) => ({
    ...run,
    drops: [...(run.drops ?? []), { ns: 'node1', dev: 'eth0', reason: 'NETFILTER_DROP' }],
  }),
  'no drops': (run) => ({ ...run, drops: [] }),
  'another result': (run) => ({ ...run, result: { result: 'error', error: 'EIO' } }),
  'a trace line is missing': (run) => ({ ...run, trace: firstOf(run.trace) }),
  'a neighbour is missing': (run) => ({ ...run, neigh_after: lessRows(run.neigh_after) }),
  'an FDB entry is missing': (run) => ({ ...run, fdb_after: lessRows(run.fdb_after) }),
  'chosen ports are all one': (run) =>
    JSON.parse(JSON.stringify(run).replaceAll(/"eph\d+"/g, '"eph1"')) as Run,
  'chosen ports have other names': (run) =>
    JSON.parse(JSON.stringify(run).replaceAll(/"eph(\d+)"/g, '"eph7$1"')) as Run,
};

describe('the judge', () => {
  const recording = named('svc-random-fully');
  const right = recording.runs;

  it('agrees with itself', () => {
    for (const one of recordings) expect(failing(one, one.runs)).toEqual([]);
  });

  it('takes kernel-chosen names as free', () => {
    const change = CHANGES['chosen ports have other names']!;
    expect(JSON.stringify(right)).toContain('"eph1"');
    expect(failing(recording, right.map(change))).toEqual([]);
  });

  it.each(GRADE_NAMES)('needs a prediction for %s', (grade) => {
    const { [GRADES[grade].field]: _, ...rest } = right[0]!;
    expect(failing(recording, [rest])).toContain(grade);
    expect(failing(recording, [])).toContain(grade);
  });

  it.each([
    ['an observation is missing', ['observations', 'order']],
    ['a TTL is wrong', ['observations', 'order']],
    ['a packet is missing', ['paths']],
    ['a conntrack entry is missing', ['conntrack']],
    ['a rule counted once more', ['rules_moved']],
    ['a drop too many', ['drops']],
    ['another result', ['result']],
    ['a trace line is missing', ['trace']],
    ['a neighbour is missing', ['neigh_after']],
    ['an FDB entry is missing', ['fdb_after']],
  ] as const)('notices when %s', (change, grades) => {
    const one = named('svc-other-node-hostgw');
    expect(failing(one, one.runs.map(CHANGES[change]!))).toEqual(grades);
  });

  it('notices a change of order alone', () => {
    const one = named('bridge-icmp');
    const swapped = one.runs.map(CHANGES['two observations change places']!);
    expect(failing(one, swapped)).toEqual(['order']);
  });

  it('prints the difference with both sides, and a table', () => {
    const verdicts = judge(recording, right.map(CHANGES['a TTL is wrong']!));
    const text = differences(verdicts).flatMap((one) => printVerdict(recording.id, one));
    expect(text[0]).toMatch(/^DIFFERENT svc-random-fully, run 0, observations: .* #\d+$/);
    expect(text.join('\n')).toMatch(/kernel .*"ttl":64.*\n.*engine .*"ttl":1\b/);
    expect(printTable([verdicts])[0]).toMatch(/^observations +0 of +1$/);
  });
});

const reference = fileURLToPath(
  new URL('../../../../shared/conformance/bin/compare-kernel.mjs', import.meta.url),
);

describe.skipIf(!existsSync(reference))('the judge and compare-kernel.mjs', () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'judge-'));
    return () => rmSync(scratch, { recursive: true });
  });

  /** Grades that fail, by recording, as the reference says. */
  function referenceSays(engine: ReadonlyMap<string, readonly Run[]>): Record<string, string[]> {
    const file = join(scratch, 'predictions.ndjson');
    const lines = [...engine].flatMap(([id, runs]) =>
      runs.map((run, i) => JSON.stringify({ ...run, id, run: i })),
    );
    writeFileSync(file, `${lines.join('\n')}\n`);
    const { stdout } = spawnSync('node', [reference, recordingsFolder, file], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    expect(stdout).toMatch(/\d+ passed, \d+ failed/);
    const said: Record<string, string[]> = {};
    let id = '';
    for (const line of stdout.split('\n')) {
      const [, failed, first] = /^FAIL (\S+): (.*)/.exec(line) ?? [];
      if (failed !== undefined) said[(id = failed)] = [];
      const grade = /^(?: {5})?(\w+): run \d/.exec(first ?? line)?.[1];
      if (grade !== undefined) said[id]!.push(grade);
    }
    return said;
  }

  function weSay(engine: ReadonlyMap<string, readonly Run[]>): Record<string, string[]> {
    const said: Record<string, string[]> = {};
    for (const one of recordings) {
      const grades = failing(one, engine.get(one.id) ?? []);
      if (grades.length > 0) said[one.id] = [...grades];
    }
    return said;
  }

  const predicted = new Map(recordings.map((one) => [one.id, predictRuns(one)] as const));

  it('say the same of the predictions', () => {
    expect(weSay(predicted)).toEqual(referenceSays(predicted));
  });

  it.each([0, 3, 6, 9, 12])(
    'say the same of wrong predictions of every kind, shift %i',
    (shift) => {
      const changes = Object.values(CHANGES);
      const changed = new Map(
        [...predicted].map(([id, runs], i) => {
          const change = changes[(i + shift) % changes.length]!;
          return [id, runs.map(change)] as const;
        }),
      );
      const said = weSay(changed);
      expect(Object.keys(said).length).toBeGreaterThan(recordings.length / 2);
      expect(said).toEqual(referenceSays(changed));
    },
  );
});
