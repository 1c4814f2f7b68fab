import { describe, expect, it } from 'vitest';
import { drivers } from '../../kube/cni/index.ts';
import { casesOf } from './cases.ts';
import { readOptions } from './options.ts';

const read = (line: string): ReturnType<typeof readOptions> =>
  readOptions(line === '' ? [] : line.split(' '), 77);
const good = (line: string): Extract<ReturnType<typeof readOptions>, { ok: true }>['value'] => {
  const options = read(line);
  if (!options.ok) throw new Error(options.error);
  return options.value;
};

describe('the flags of the check', () => {
  it('have a default: some recordings and variations of a fresh seed', () => {
    expect(good('')).toMatchObject({ count: 12, variations: 20, seed: 77, time: 300, only: [] });
  });

  it('are read with a space or an equals sign', () => {
    expect(good('--seed 5 --only=a,b --only c --recordings none --keep --cpu=0')).toMatchObject({
      seed: 5,
      only: ['a', 'b', 'c'],
      recordings: null,
      keep: true,
      cpu: 0,
    });
  });

  it.each(['--seed', '--seed x', '--seed -1', '--count 1.5', '--sead 1', 'x', '--time='])(
    'refuse %s',
    (line) => {
      expect(read(line).ok).toBe(false);
    },
  );
});

describe('the cases', () => {
  const ids = async (line: string): Promise<readonly string[]> =>
    (await casesOf(good(line))).map(({ id }) => id);

  it('are the same for the same seed, and others for another', async () => {
    const line = '--scenarios 0 --clusters 0 --seed';
    const first = await ids(`${line} 1`);
    expect(first).toHaveLength(36);
    expect(new Set(first).size).toBe(36);
    expect(await ids(`${line} 1`)).toEqual(first);
    expect((await ids(`${line} 2`)).slice(0, 12)).not.toEqual(first.slice(0, 12));
  });

  it('are clusters of every network plugin, if so many are asked for', async () => {
    const all = await ids('--recordings none --scenarios 0 --variations 0 --clusters all');
    for (const name of Object.keys(drivers))
      expect(all.filter((id) => id.startsWith(`c-${name}-`)).length).toBeGreaterThan(2);
    expect(await ids('--recordings none --scenarios 0 --variations 0 --clusters 3')).toHaveLength(
      3,
    );
  });

  it('can be named, those of any seed too', async () => {
    expect(await ids('--only bridge-icmp,v-12-3,clusterip')).toEqual([
      'bridge-icmp',
      'v-12-3',
      'clusterip',
    ]);
    expect((await ids('--count 0 --variations 0')).length).toBeGreaterThanOrEqual(95);
  });

  it('have nothing of a recording but its input', async () => {
    for (const one of await casesOf(good('--count 5 --clusters 0 --variations 0')))
      expect(Object.keys(one)).toEqual(['id', 'title', 'topology', 'steps']);
  });
});
