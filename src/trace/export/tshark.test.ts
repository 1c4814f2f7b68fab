// Wireshark's own reader over every built-in journey: no malformed packet, no bad checksum. tshark is Debian's; CI installs it
// and never skips this.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiledScenario, runScenario } from '../../test/journey.ts';
import { scenarioIds } from '../../scenario/library/index.ts';
import { EXPORTERS } from './index.ts';

const present = spawnSync('tshark', ['--version']).status === 0;
const required = process.env['CI'] !== undefined;
if (!present && !required)
  console.warn('skipped: tshark is not installed (apt-get install tshark)');

const CHECKS = ['ip', 'tcp', 'udp'].flatMap((p) => ['-o', `${p}.check_checksum:TRUE`]);
const FIELDS = [
  'frame.number',
  '_ws.malformed',
  '_ws.expert.message',
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'frame.comment',
];

describe.skipIf(!present && !required)('tshark reads the pcapng of', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pj-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([...scenarioIds])('%s', (id) => {
    const compiled = compiledScenario(id);
    const trace = runScenario(compiled);
    const file = join(folder, `${id}.pcapng`);
    const bytes = EXPORTERS.pcapng.export({ trace, network: compiled.network, scenario: null });
    writeFileSync(file, bytes);
    const out = execFileSync(
      'tshark',
      [
        '-r',
        file,
        ...CHECKS,
        '-d',
        'udp.port==8472,vxlan',
        '-T',
        'fields',
        ...FIELDS.flatMap((f) => ['-e', f]),
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 },
    );
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    const crossings = trace.events.filter((e) => e.kind === 'dev.tx' || e.kind === 'dev.rx');
    expect(rows).toHaveLength(crossings.length);
    const bad = rows.filter(([, malformed, , ...status]) => {
      const checksums = status.slice(0, 3).flatMap((s) => s.split(','));
      return malformed !== '' || checksums.includes('0');
    });
    expect(bad).toEqual([]);
    // Good checksums were seen, so the check can fail.
    expect(rows.some((r) => r[4]?.includes('1') === true)).toBe(true);
    expect(rows.every((r) => (r[6] ?? '') !== '')).toBe(true);
  });
});
