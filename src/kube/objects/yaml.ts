// YAML or JSON text to plain values, with the position of every field. Bounded: text from a link is hostile (alias bombs,
// megabytes, deep nesting), and each bound ends as a diagnostic.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic, Place } from '../../base/diagnostic.ts';
import { readJson } from './json.ts';

export const YAML_LIMITS = { characters: 1_000_000, depth: 64, aliases: 100, documents: 20_000 };

export interface YamlDocument {
  readonly value: unknown;
  /** Where a field stands (its key), or the nearest thing around it. */
  place(path: readonly PropertyKey[]): Place;
  /** Where a block scalar's text starts: the line before its first line, and its indentation. */
  block(path: readonly PropertyKey[]): { readonly line: number; readonly indent: number } | null;
}
export interface YamlText {
  readonly documents: readonly YamlDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

const problem = (place: Place, reason: string, fix: string): YamlText => ({
  documents: [],
  diagnostics: [{ severity: 'error', place, reason, fix }],
});

export function readYaml(text: string, source: string): YamlText {
  if (text.length > YAML_LIMITS.characters)
    return problem(
      at(source),
      `the document has ${text.length} characters; at most ${YAML_LIMITS.characters} are read`,
      'leave out objects that do not matter for the question',
    );
  const json = readJson(text, source, YAML_LIMITS.depth);
  if (json !== null) return { documents: [json], diagnostics: [] };
  const lines = new LineCounter();
  const place = (offset: number | undefined): Place => {
    if (offset === undefined) return at(source);
    const { line, col } = lines.linePos(offset);
    return at(source, line, col);
  };
  let parsed;
  try {
    parsed = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false });
  } catch (error) {
    // The composer recurses: a pathological document exhausts its stack. Anything else is a bug.
    if (!(error instanceof RangeError)) throw error;
    return problem(at(source), 'the document is nested too deeply', 'write it flatter');
  }
  const all: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  if (all.length > YAML_LIMITS.documents)
    return problem(
      at(source),
      `${all.length} documents; at most ${YAML_LIMITS.documents} are read`,
      'leave out objects that do not matter for the question',
    );
  const diagnostics: Diagnostic[] = [];
  const documents: YamlDocument[] = [];
  for (const doc of all) {
    const errors = doc.errors.map((e): Diagnostic => ({
      severity: 'error',
      place: place(e.pos[0]),
      reason: e.message,
      fix: null,
    }));
    const deep = errors.length === 0 ? tooDeep(doc) : null;
    if (deep !== null)
      errors.push({
        severity: 'error',
        place: place(deep.range?.[0]),
        reason: `nested deeper than ${YAML_LIMITS.depth} levels`,
        fix: 'write it flatter',
      });
    diagnostics.push(...errors);
    if (errors.length > 0) continue;
    try {
      documents.push({
        value: doc.toJS({ maxAliasCount: YAML_LIMITS.aliases }) as unknown,
        place: (path) => place(offsetOf(doc, path)),
        block: (path) => blockOf(doc, path, text, (offset) => lines.linePos(offset).line),
      });
    } catch (error) {
      // `yaml` signals an alias bomb this way, and only this way.
      if (!(error instanceof ReferenceError)) throw error;
      diagnostics.push({
        severity: 'error',
        place: place(doc.contents?.range?.[0]),
        reason: 'aliases multiply this document beyond any use',
        fix: 'write the repeated parts out',
      });
    }
  }
  return { documents, diagnostics };
}

function tooDeep(doc: Document): Node | null {
  let deep: Node | null = null;
  visit(doc, {
    Collection(_, node, path) {
      if (path.filter((p) => isMap(p) || isSeq(p)).length < YAML_LIMITS.depth) return undefined;
      deep = node as Node;
      return visit.BREAK;
    },
  });
  return deep;
}

/** Offset of the key of the last part of the path that exists. */
function offsetOf(doc: Document, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = doc.contents;
  let offset = doc.contents?.range?.[0];
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(part));
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as Node | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

function blockOf(
  doc: Document,
  path: readonly PropertyKey[],
  text: string,
  lineOf: (offset: number) => number,
): { line: number; indent: number } | null {
  const node = doc.getIn(path, true);
  if (!isScalar(node) || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED'))
    return null;
  const start = node.range?.[0];
  if (start === undefined) return null;
  const body = text.slice(text.indexOf('\n', start) + 1);
  const first = body.split('\n', 50).find((line) => line.trim() !== '') ?? '';
  return { line: lineOf(start), indent: first.length - first.trimStart().length };
}
