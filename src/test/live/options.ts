// The flags of `npm run test:kernel`.
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { recordingsFolder } from '../judge/recording.ts';

export interface Options {
  /** A folder of recordings, or null: none. */
  readonly recordings: string | null;
  /** How many of them, picked at random; 0: all. */
  readonly count: number;
  /** How many built-in scenarios and journeys through a VPC. */
  readonly scenarios: number;
  /** How many parts of the table of network plugins, each in a compiled cluster. */
  readonly clusters: number | 'all';
  readonly variations: number;
  readonly seed: number;
  /** Ids of recordings, scenarios or variations. */
  readonly only: readonly string[];
  /** Files that an earlier difference wrote. */
  readonly replay: readonly string[];
  /** Leave the namespaces of the last network, for a look. */
  readonly keep: boolean;
  /** After so many seconds nothing new is begun. */
  readonly time: number;
  readonly cpu: number | null;
  readonly verbose: boolean;
}

export const USAGE = `usage: npm run test:kernel -- [--recordings DIR|none] [--count N] [--scenarios N] [--clusters N|all]
         [--variations N] [--seed S]
         [--only ID,...] [--replay FILE]... [--time SECONDS] [--cpu N] [--keep] [--verbose]
Builds networks from namespaces on this kernel (root, Linux), sends real packets, and compares what the kernel did with what the
engine said. Default: 12 recordings, 4 built-in scenarios or journeys through a VPC, 4 compiled clusters of
some network plugin, and 20 variations of a fresh seed, with a cluster under NetworkPolicies for every five of them, within 5 minutes. --count 0 takes all recordings.`;

export function readOptions(argv: readonly string[], freshSeed: number): Result<Options, string> {
  const options = {
    recordings: recordingsFolder as string | null,
    count: 12,
    scenarios: 4,
    clusters: 4 as number | 'all',
    variations: 20,
    seed: freshSeed,
    only: [] as string[],
    replay: [] as string[],
    keep: false,
    time: 300,
    cpu: null as number | null,
    verbose: false,
  };
  const rest = argv.flatMap((arg) => (/^--\w+=/.test(arg) ? splitOnce(arg) : [arg]));
  while (rest.length > 0) {
    const flag = rest.shift() ?? '';
    if (flag === '--keep') options.keep = true;
    else if (flag === '--verbose') options.verbose = true;
    else if (!flag.startsWith('--') || rest.length === 0) return err(`${flag}: what is meant?`);
    else {
      const value = rest.shift() ?? '';
      const problem = take(options, flag, value);
      if (problem !== null) return err(problem);
    }
  }
  return ok(options);
}

const splitOnce = (arg: string): readonly string[] => {
  const at = arg.indexOf('=');
  return [arg.slice(0, at), arg.slice(at + 1)];
};

type Counted = 'count' | 'scenarios' | 'clusters' | 'variations' | 'seed' | 'time' | 'cpu';
type Draft = { -readonly [K in keyof Options]: Options[K] } & { only: string[]; replay: string[] };

function take(options: Draft, flag: string, value: string): string | null {
  const number = Number(value);
  switch (flag) {
    case '--recordings':
      options.recordings = value === 'none' ? null : value;
      return null;
    case '--only':
      options.only.push(...value.split(','));
      return null;
    case '--replay':
      options.replay.push(value);
      return null;
    case '--count':
    case '--scenarios':
    case '--clusters':
    case '--variations':
    case '--seed':
    case '--time':
    case '--cpu': {
      if (flag === '--clusters' && value === 'all') {
        options.clusters = value;
        return null;
      }
      if (value === '' || !Number.isSafeInteger(number) || number < 0)
        return `${flag} ${value}: not a number`;
      options[flag.slice(2) as Counted] = number;
      return null;
    }
    default:
      return `there is no ${flag}`;
  }
}
