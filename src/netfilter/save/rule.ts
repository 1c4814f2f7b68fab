// One rule from its words, as iptables reads its arguments (iptables/xshared.c do_parse, libxtables): options belong to the
// extension that was loaded last and knows them; `-p tcp` loads `-m tcp` when an option needs it.
import { findMatch } from '../matches/index.ts';
import type { Arity, Given, MatchModule, ParseContext, TargetModule } from '../module.ts';
import { findTarget } from '../targets/index.ts';
import type { MatchInstance, RuleHeader, TargetInstance } from '../types.ts';
import type { Family, TableName } from '../../trace/types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { ANY_HEADER, parseDevice, parseHosts, parseProtocol } from './header.ts';
import { implicitMatch } from './protocols.ts';

/** What the words of a rule said. Several sources or destinations make several rules. */
export interface RuleDraft {
  header: RuleHeader;
  sources: readonly (Prefix | null)[];
  destinations: readonly (Prefix | null)[];
  matches: MatchInstance[];
  target: TargetInstance | null;
  packets: number;
  bytes: number;
}
interface Loaded {
  readonly name: string;
  readonly module: MatchModule<unknown> | TargetModule<unknown>;
  readonly given: Given[];
}
export interface RuleScope {
  readonly family: Family;
  readonly table: TableName;
  isChain(name: string): boolean;
}
export interface Problem {
  readonly reason: string;
  readonly fix: string | null;
}

const SHORT: Readonly<Record<string, string>> = {
  '--source': '-s', '--src': '-s', '--destination': '-d', '--dst': '-d', '--in-interface': '-i', '--out-interface': '-o',
  '--protocol': '-p', '--proto': '-p', '--match': '-m', '--jump': '-j', '--goto': '-g', '--fragments': '-f', '--fragment': '-f',
  '--set-counters': '-c',
}; // prettier-ignore
const VERDICTS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN']);

/** Reads the words of a rule after its command. Problems come back beside it: with errors the rule is not to be used. */
export function parseRule(
  words: readonly string[],
  scope: RuleScope,
): {
  readonly rule: RuleDraft;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
} {
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  let header = ANY_HEADER;
  const ctx: ParseContext = {
    family: scope.family,
    get header() {
      return header;
    },
    fail: (reason, fix) => void errors.push({ reason, fix: fix ?? null }),
    warn: (reason) => void warnings.push({ reason, fix: null }),
  };
  const rule: RuleDraft = {
    header,
    sources: [null],
    destinations: [null],
    matches: [],
    target: null,
    packets: 0,
    bytes: 0,
  };
  const loaded: Loaded[] = [];
  let matchOrder: Loaded[] = [];
  let target: Loaded | null = null;
  let jump: { readonly name: string; readonly goto: boolean } | null = null;

  const loadMatch = (name: string): void => {
    const module = findMatch(name);
    if (module === undefined || module.limits?.families?.includes(scope.family) === false)
      ctx.fail(
        `unknown match "${name}"`,
        'a match that this program knows, see the list of matches',
      );
    else {
      const one = { name: module.name, module, given: [] };
      loaded.push(one);
      matchOrder = [...matchOrder, one];
    }
  };
  const loadTarget = (name: string, goto: boolean): void => {
    if (jump !== null) ctx.fail('multiple -j or -g flags not allowed');
    jump = { name, goto };
    const module = goto ? undefined : findTarget(name);
    if (module === undefined || module.limits?.families?.includes(scope.family) === false) return;
    target = { name, module, given: [] };
    loaded.push(target);
  };
  const owner = (option: string): { readonly of: Loaded; readonly name: string } | null => {
    for (let i = loaded.length - 1; i >= 0; i--) {
      const { options } = loaded[i]!.module;
      if (Object.hasOwn(options, option)) return { of: loaded[i]!, name: option };
    }
    const begins = loaded.flatMap((of) =>
      Object.keys(of.module.options)
        .filter((name) => name.startsWith(option))
        .map((name) => ({ of, name })),
    );
    return begins.length === 1 ? begins[0]! : null;
  };

  let invert = false;
  for (let i = 0; i < words.length && errors.length === 0; i++) {
    let word = words[i]!;
    if (word === '!') {
      if (invert) ctx.fail('multiple consecutive ! not allowed');
      invert = true;
      continue;
    }
    let attached: string | null = null;
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    if (equals > 0) {
      attached = word.slice(equals + 1);
      word = word.slice(0, equals);
    } else if (/^-[sdiopmjg][^-]/.test(word)) {
      attached = word.slice(2);
      word = word.slice(0, 2);
    }
    const value = (): string => {
      const given = attached ?? words[++i];
      attached = null;
      if (given === undefined) ctx.fail(`option "${word}" requires an argument`);
      if (given === '!')
        ctx.fail(`"!" stands behind ${word}`, `write it before: ! ${word} ${words[i + 1] ?? ''}`);
      return given ?? '';
    };
    switch (SHORT[word] ?? word) {
      case '-s':
        header = { ...header, srcInvert: invert };
        rule.sources = parseHosts(value(), invert, ctx);
        break;
      case '-d':
        header = { ...header, dstInvert: invert };
        rule.destinations = parseHosts(value(), invert, ctx);
        break;
      case '-i':
        header = { ...header, in: parseDevice(value(), ctx), inInvert: invert };
        break;
      case '-o':
        header = { ...header, out: parseDevice(value(), ctx), outInvert: invert };
        break;
      case '-p':
        header = {
          ...header,
          protocol: parseProtocol(value(), invert, ctx),
          protocolInvert: invert,
        };
        break;
      case '-f':
        if (scope.family === 'ipv6') ctx.fail('unknown option "-f"');
        header = { ...header, fragment: !invert };
        break;
      case '-m':
        if (invert) ctx.fail('unexpected ! flag before --match');
        loadMatch(value());
        break;
      case '-j':
      case '-g':
        if (invert) ctx.fail('unexpected ! flag before --jump');
        loadTarget(value(), SHORT[word] === '-g' || word === '-g');
        break;
      case '-c':
        rule.packets = Number(value());
        rule.bytes = Number(value());
        break;
      default: {
        if (!word.startsWith('--')) {
          ctx.fail(`Bad argument "${word}"`);
          break;
        }
        const option = word.slice(2);
        let found = owner(option);
        const implied = implicitMatch(header.protocol);
        if (found === null && implied !== null && !loaded.some(({ name }) => name === implied)) {
          loadMatch(implied);
          found = owner(option);
          if (found === null) matchOrder = matchOrder.slice(0, -1);
        }
        if (found === null) {
          ctx.fail(`unknown option "${word}"`, hint(option));
          break;
        }
        const arity: Arity = found.of.module.options[found.name]!;
        if (invert && !arity.startsWith('!')) ctx.fail(`option "${word}" cannot be inverted`);
        if (found.of.given.some(({ name }) => name === found?.name))
          ctx.fail(`${found.of.name}: option "${word}" can only be used once`);
        const values: string[] = [];
        for (let n = Number(arity.slice(-1)); n > 0; n--) values.push(value());
        found.of.given.push({ name: found.name, invert, values });
      }
    }
    invert = false;
  }
  if (invert) ctx.fail('nothing appropriate following !');
  rule.header = header;
  if (errors.length === 0) {
    rule.matches = matchOrder.map(({ name, module, given }) => ({
      name,
      spec: module.parse(given, ctx),
    }));
    rule.target = resolveTarget(jump, target, scope, ctx);
    for (const { name, module } of loaded)
      checkProtocol(name, module.limits?.protocols, header, ctx);
  }
  return { rule, errors, warnings };
}

function resolveTarget(
  jump: { readonly name: string; readonly goto: boolean } | null,
  target: Loaded | null,
  scope: RuleScope,
  ctx: ParseContext,
): TargetInstance | null {
  if (jump === null) return null;
  const { name } = jump;
  if (target !== null) {
    const tables = target.module.limits?.tables;
    if (tables !== undefined && !tables.includes(scope.table))
      ctx.fail(
        `target ${name} is only valid in the ${tables.join(' and ')} table, not in ${scope.table}`,
      );
    return { name, kind: 'extension', spec: target.module.parse(target.given, ctx) };
  }
  if (!jump.goto && VERDICTS.has(name)) return { name, kind: 'verdict', spec: null };
  if (!scope.isChain(name)) {
    if (jump.goto) ctx.fail(`goto "${name}" is not a chain`, `declare it before: :${name} - [0:0]`);
    else ctx.fail(`no chain and no target "${name}"`, `declare the chain before: :${name} - [0:0]`);
  }
  return { name, kind: jump.goto ? 'goto' : 'jump', spec: null };
}

function checkProtocol(
  name: string,
  protocols: readonly number[] | undefined,
  { protocol, protocolInvert }: RuleHeader,
  ctx: ParseContext,
): void {
  if (protocols === undefined) return;
  if (protocol === null || protocolInvert || !protocols.includes(protocol))
    ctx.fail(
      `"${name}" does not fit the protocol of the rule`,
      `give -p ${protocols.join(' or ')}`,
    );
}

const hint = (option: string): string | undefined =>
  /^(s|d|source-|destination-)ports?$|^syn$|^icmp/.test(option)
    ? 'give the protocol or the match before it: -p tcp --dport 80'
    : undefined;
