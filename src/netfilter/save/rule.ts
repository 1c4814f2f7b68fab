// One rule from its words, as iptables reads its arguments (iptables/xshared.c do_parse, libxtables): options belong to the
// extension that was loaded last and knows them; `-p tcp` loads `-m tcp` when an option needs it.
import { findTarget } from '../targets/index.ts';
import type { MatchInstance, TargetInstance } from '../types.ts';
import { parseDevice, parseHosts, parseProtocol } from './header.ts';
import { implicitMatch } from './protocols.ts';
import { exactOwner, loadMatch, loadTarget, ownerOf, ownHeader, reset } from './reading.ts';
import type { Owner, Reading, RuleScope } from './reading.ts';
import { isUnmodelledTarget } from './unmodelled.ts';

export interface RuleParts {
  readonly matches: readonly MatchInstance[];
  readonly target: TargetInstance | null;
}

/** Long names of the head's options, and what is no part of a rule. */
const SHORT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '--source': '-s', '--src': '-s', '--destination': '-d', '--dst': '-d', '--in-interface': '-i', '--out-interface': '-o',
    '--protocol': '-p', '--proto': '-p', '--match': '-m', '--jump': '-j', '--goto': '-g', '--fragments': '-f',
    '--fragment': '-f', '--set-counters': '-c', '--ipv4': '-4', '--ipv6': '-6', '--wait': '-w', '--verbose': '-v',
    '--numeric': '-n',
  }), // prettier-ignore
);
export const VERDICTS: ReadonlyMap<string, TargetInstance> = new Map(
  ['ACCEPT', 'DROP', 'RETURN'].map((name) => [name, { name, kind: 'verdict', spec: null }]),
);
const NO_MATCHES: readonly MatchInstance[] = [];

/** Reads the words from `from` on into `r`; null: `r.errors` says why it is no rule. */
export function parseRule(
  r: Reading,
  words: readonly string[],
  from: number,
  scope: RuleScope,
): RuleParts | null {
  reset(r, words, from);
  for (; r.at < words.length && r.errors.length === 0; r.at++) {
    const word = words[r.at]!;
    if (word !== '!') {
      readOption(r, word);
      r.invert = false;
    } else if (r.invert) r.ctx.fail('multiple consecutive ! not allowed');
    else r.invert = true;
  }
  if (r.invert) r.ctx.fail('nothing appropriate following !');
  if (r.errors.length > 0) return null;
  const matches = makeMatches(r);
  const made = makeTarget(r, scope);
  if (made?.kind === 'extension') {
    const missing = findTarget(made.name)?.lacks?.(made.spec, matches) ?? null;
    if (missing !== null) r.ctx.fail(missing, 'add -p tcp --syn');
  }
  if (r.errors.length > 0) return null;
  return { matches, target: made };
}

function value(r: Reading, option: string): string {
  const given = r.attached ?? r.words[++r.at];
  r.attached = null;
  if (given === undefined) r.ctx.fail(`option "${option}" requires an argument`);
  if (given === '!')
    r.ctx.fail(
      `"!" stands behind ${option}`,
      `write it before: ! ${option} ${r.words[r.at + 1] ?? ''}`,
    );
  return given ?? '';
}

function readOption(r: Reading, whole: string): void {
  let word = whole;
  r.attached = null;
  if (word.length !== 2) {
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      if (equals > 0) {
        r.attached = word.slice(equals + 1);
        word = word.slice(0, equals);
      }
      word = SHORT.get(word) ?? word;
    } else if (/^-[sdiopmjg]/.test(word)) {
      r.attached = word.slice(2);
      word = word.slice(0, 2);
    }
  }
  const { ctx, invert } = r;
  switch (word) {
    case '-s': {
      const header = ownHeader(r);
      const hosts = parseHosts(value(r, word), invert, ctx);
      header.src = hosts[0] ?? null;
      header.srcInvert = invert;
      r.sources = hosts.length > 1 ? hosts : null;
      break;
    }
    case '-d': {
      const header = ownHeader(r);
      const hosts = parseHosts(value(r, word), invert, ctx);
      header.dst = hosts[0] ?? null;
      header.dstInvert = invert;
      r.destinations = hosts.length > 1 ? hosts : null;
      break;
    }
    case '-i': {
      const header = ownHeader(r);
      header.in = parseDevice(value(r, word), ctx);
      header.inInvert = invert;
      break;
    }
    case '-o': {
      const header = ownHeader(r);
      header.out = parseDevice(value(r, word), ctx);
      header.outInvert = invert;
      break;
    }
    case '-p': {
      const header = ownHeader(r);
      header.protocol = parseProtocol(value(r, word), invert, ctx);
      header.protocolInvert = invert;
      break;
    }
    case '-f':
      if (r.family === 'ipv6') ctx.fail('unknown option "-f"');
      ownHeader(r).fragment = !invert;
      break;
    case '-m':
      if (invert) ctx.fail('unexpected ! flag before --match');
      loadMatch(r, value(r, word));
      break;
    case '-j':
    case '-g':
      if (invert) ctx.fail('unexpected ! flag before --jump');
      loadTarget(r, value(r, word), word === '-g');
      break;
    case '-c':
      r.packets = Number(value(r, word));
      r.bytes = Number(value(r, word));
      break;
    case '-4':
    case '-6':
      if ((word === '-4') !== (r.family === 'ipv4')) r.otherFamily = true;
      break;
    case '-w':
    case '-v':
    case '-n':
      break;
    default:
      if (word.startsWith('--')) readExtensionOption(r, word, word.slice(2));
      else ctx.fail(`Bad argument "${word}"`);
  }
}

/** The extension that the option is for; `-p tcp` brings in its match where none knows it. */
function findOwner(r: Reading, option: string): Owner | null {
  const exact = exactOwner(r, option);
  if (exact !== null) return { of: exact, name: option };
  const begun = ownerOf(r, option);
  const implied = implicitMatch(r.header.protocol);
  if (begun !== null || implied === null || r.loaded.some(({ name }) => name === implied))
    return begun;
  loadMatch(r, implied);
  return findOwner(r, option);
}

function readExtensionOption(r: Reading, word: string, option: string): void {
  const owner = findOwner(r, option);
  if (owner === null) return r.ctx.fail(`unknown option "${word}"`, hint(option));
  const { of, name } = owner;
  const arity = of.module.options[name]!;
  if (r.invert && !arity.startsWith('!')) r.ctx.fail(`option "${word}" cannot be inverted`);
  for (const known of of.given)
    if (known.name === name) r.ctx.fail(`${of.name}: option "${word}" can only be used once`);
  const last = arity.charCodeAt(arity.length - 1) - 48;
  const values: string[] = [];
  for (let n = last; n > 0; n--) values.push(value(r, word));
  of.given.push({ name, invert: r.invert, values });
}

function makeMatches(r: Reading): readonly MatchInstance[] {
  const { loaded, target } = r;
  const size = loaded.length - (target === null ? 0 : 1);
  if (size === 0) return NO_MATCHES;
  const matches = new Array<MatchInstance>(size);
  let place = 0;
  for (const one of loaded) {
    if (one !== target)
      matches[place++] = { name: one.name, spec: one.module.parse(one.given, r.ctx) };
    const protocols = one.module.limits?.protocols;
    if (protocols !== undefined) checkProtocol(r, one.name, protocols);
  }
  return matches;
}

function makeTarget(r: Reading, scope: RuleScope): TargetInstance | null {
  const { jump: name, goto, target, ctx } = r;
  if (name === null) return null;
  if (target !== null) {
    const tables = target.module.limits?.tables;
    if (tables !== undefined && !tables.includes(scope.name))
      ctx.fail(
        `target ${name} is only valid in table ${tables.join(' and ')}, not in ${scope.name}`,
      );
    return { name, kind: 'extension', spec: target.module.parse(target.given, ctx) };
  }
  const verdict = goto ? undefined : VERDICTS.get(name);
  if (verdict !== undefined) return verdict;
  const chain = scope.chains.get(name);
  if (chain?.policy === null) return goto ? { name, kind: 'goto', spec: null } : chain.jump;
  const fix = `declare the chain before: :${name} - [0:0]`;
  if (goto) ctx.fail(`goto "${name}" is not a chain`, fix);
  else if (isUnmodelledTarget(name)) ctx.fail(`target "${name}" is not modelled`);
  else ctx.fail(`no chain and no target "${name}"`, fix);
  return null;
}

/** struct xt_match.proto: such an extension needs its protocol in the head of the rule. */
function checkProtocol(r: Reading, name: string, protocols: readonly number[]): void {
  const { protocol, protocolInvert } = r.header;
  if (protocol === null || protocolInvert || !protocols.includes(protocol))
    r.ctx.fail(
      `"${name}" does not fit the protocol of the rule`,
      `give -p ${protocols.join(' or ')}`,
    );
}

const hint = (option: string): string | undefined =>
  /^(s|d|source-|destination-)ports?$|^syn$|^icmp/.test(option)
    ? 'give the protocol or the match before it: -p tcp --dport 80'
    : undefined;
