// One rule from its words, as iptables reads its arguments (iptables/xshared.c do_parse, libxtables): options belong to the
// extension that was loaded last and knows them; `-p tcp` loads `-m tcp` when an option needs it.
import type { Arity, ParseContext } from '../module.ts';
import { findTarget } from '../targets/index.ts';
import type { MatchInstance, RuleHeader, TargetInstance } from '../types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { parseDevice, parseHosts, parseProtocol } from './header.ts';
import { implicitMatch } from './protocols.ts';
import { loadMatch, loadTarget, ownerOf, startReading } from './reading.ts';
import type { Problem, Reading, RuleScope } from './reading.ts';
import { isUnmodelledTarget } from './unmodelled.ts';

/** What the words of a rule said. Several sources or destinations make several rules. */
export interface RuleDraft {
  readonly header: RuleHeader;
  readonly sources: readonly (Prefix | null)[];
  readonly destinations: readonly (Prefix | null)[];
  readonly matches: readonly MatchInstance[];
  readonly target: TargetInstance | null;
  readonly packets: number;
  readonly bytes: number;
  /** With errors the rule is not to be used. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Long names of the head's options, and what is no part of a rule. */
const SHORT: Readonly<Record<string, string>> = {
  '--source': '-s', '--src': '-s', '--destination': '-d', '--dst': '-d', '--in-interface': '-i', '--out-interface': '-o',
  '--protocol': '-p', '--proto': '-p', '--match': '-m', '--jump': '-j', '--goto': '-g', '--fragments': '-f', '--fragment': '-f',
  '--set-counters': '-c', '--ipv4': '-4', '--ipv6': '-6', '--wait': '-w', '--verbose': '-v', '--numeric': '-n',
}; // prettier-ignore
const VERDICTS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN']);

/** Reads the words of a rule after its command. */
export function parseRule(words: readonly string[], scope: RuleScope): RuleDraft {
  const r = startReading(words, scope);
  for (; r.at < words.length && r.errors.length === 0; r.at++) {
    const word = words[r.at]!;
    if (word !== '!') readOption(r, word);
    else if (r.invert) r.ctx.fail('multiple consecutive ! not allowed');
    else {
      r.invert = true;
      continue;
    }
    r.invert = false;
  }
  if (r.invert) r.ctx.fail('nothing appropriate following !');
  const { header, sources, destinations, packets, bytes, errors, warnings } = r;
  const sound = errors.length === 0;
  const matches = sound
    ? r.matches.map(({ name, module, given }) => ({ name, spec: module.parse(given, r.ctx) }))
    : [];
  const target = sound ? resolveTarget(r) : null;
  if (sound) checkProtocols(r);
  if (target?.kind === 'extension') {
    const missing = findTarget(target.name)?.lacks?.(target.spec, matches) ?? null;
    if (missing !== null) r.ctx.fail(missing, 'add -p tcp --syn');
  }
  return { header, sources, destinations, matches, target, packets, bytes, errors, warnings };
}

/** `--dport=80`, `-ptcp`: the value stands in the same word. */
function splitWord(word: string): readonly [option: string, value: string | null] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
  return /^-[sdiopmjg][^-]/.test(word) ? [word.slice(0, 2), word.slice(2)] : [word, null];
}

function readOption(r: Reading, word: string): void {
  const [long, attached] = splitWord(word);
  const { ctx, invert } = r;
  let first = attached;
  const value = (): string => {
    const given = first ?? r.words[++r.at];
    first = null;
    if (given === undefined) ctx.fail(`option "${long}" requires an argument`);
    if (given === '!')
      ctx.fail(
        `"!" stands behind ${long}`,
        `write it before: ! ${long} ${r.words[r.at + 1] ?? ''}`,
      );
    return given ?? '';
  };
  switch (SHORT[long] ?? long) {
    case '-s':
      r.header = { ...r.header, srcInvert: invert };
      r.sources = parseHosts(value(), invert, ctx);
      break;
    case '-d':
      r.header = { ...r.header, dstInvert: invert };
      r.destinations = parseHosts(value(), invert, ctx);
      break;
    case '-i':
      r.header = { ...r.header, in: parseDevice(value(), ctx), inInvert: invert };
      break;
    case '-o':
      r.header = { ...r.header, out: parseDevice(value(), ctx), outInvert: invert };
      break;
    case '-p': {
      const protocol = parseProtocol(value(), invert, ctx);
      r.header = { ...r.header, protocol, protocolInvert: invert };
      break;
    }
    case '-f':
      if (r.scope.family === 'ipv6') ctx.fail('unknown option "-f"');
      r.header = { ...r.header, fragment: !invert };
      break;
    case '-m':
      loadMatch(r, value());
      break;
    case '-j':
      loadTarget(r, value(), false);
      break;
    case '-g':
      loadTarget(r, value(), true);
      break;
    case '-c':
      r.packets = Number(value());
      r.bytes = Number(value());
      break;
    case '-4':
    case '-6':
    case '-w':
    case '-v':
    case '-n':
      break;
    default:
      readExtensionOption(r, long, value);
  }
}

function readExtensionOption(r: Reading, word: string, value: () => string): void {
  if (!word.startsWith('--')) return r.ctx.fail(`Bad argument "${word}"`);
  const option = word.slice(2);
  let found = ownerOf(r, option);
  const implied = found === null ? implicitMatch(r.header.protocol) : null;
  if (implied !== null && !r.loaded.some(({ name }) => name === implied)) {
    const { invert } = r;
    r.invert = false;
    loadMatch(r, implied);
    r.invert = invert;
    found = ownerOf(r, option);
  }
  if (found === null) return r.ctx.fail(`unknown option "${word}"`, hint(option));
  const { of, name } = found;
  const arity: Arity = of.module.options[name]!;
  if (r.invert && !arity.startsWith('!')) r.ctx.fail(`option "${word}" cannot be inverted`);
  if (of.given.some((known) => known.name === name))
    r.ctx.fail(`${of.name}: option "${word}" can only be used once`);
  const values: string[] = [];
  for (let n = Number(arity.slice(-1)); n > 0; n--) values.push(value());
  of.given.push({ name, invert: r.invert, values });
}

function resolveTarget({ jump, target, scope, ctx }: Reading): TargetInstance | null {
  if (jump === null) return null;
  const { name } = jump;
  if (target !== null) {
    const tables = target.module.limits?.tables;
    if (tables !== undefined && !tables.includes(scope.table))
      ctx.fail(
        `target ${name} is only valid in table ${tables.join(' and ')}, not in ${scope.table}`,
      );
    return { name, kind: 'extension', spec: target.module.parse(target.given, ctx) };
  }
  if (!jump.goto && VERDICTS.has(name)) return { name, kind: 'verdict', spec: null };
  if (!scope.isChain(name)) {
    const fix = `declare the chain before: :${name} - [0:0]`;
    if (jump.goto) ctx.fail(`goto "${name}" is not a chain`, fix);
    else if (isUnmodelledTarget(name)) ctx.fail(`target "${name}" is not modelled`);
    else ctx.fail(`no chain and no target "${name}"`, fix);
  }
  return { name, kind: jump.goto ? 'goto' : 'jump', spec: null };
}

/** struct xt_match.proto: such an extension needs its protocol in the head of the rule. */
function checkProtocols({ loaded, header, ctx }: Reading): void {
  for (const { name, module } of loaded) {
    const protocols = module.limits?.protocols;
    if (protocols !== undefined) checkProtocol(name, protocols, header, ctx);
  }
}
function checkProtocol(
  name: string,
  protocols: readonly number[],
  { protocol, protocolInvert }: RuleHeader,
  ctx: ParseContext,
): void {
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
