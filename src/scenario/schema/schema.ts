// The scenario document: a cluster, what runs in it, and what happens. Strict: a misspelt key is an error with its line, never a
// setting that silently does nothing. The manifests are text, exactly as `kubectl apply -f -` takes them.
import * as v from 'valibot';
import { clusterSchema } from '../../kube/cluster-schema.ts';

export const SCENARIO_VERSION = 1;

/** Stable words in links: `clusterip`, `first-request`. */
const slug = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected lower case letters, digits and `-`'),
  v.maxLength(64),
);
const sentence = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(600));

/** Where a command is typed: exactly one of them. */
const place = {
  pod: v.optional(v.string()),
  node: v.optional(v.string()),
  host: v.optional(v.string()),
};
const typed = v.pipe(
  v.strictObject({ ...place, command: v.pipe(v.string(), v.trim(), v.minLength(1)) }),
  v.check(
    ({ pod, node, host }) =>
      [pod, node, host].filter((machine) => machine !== undefined).length === 1,
    'name exactly one of `pod`, `node` or `host`',
  ),
);

/** Which endpoint a random rule picks: by pod, or any pod of a node. */
const choose = v.pipe(
  v.strictObject({ pod: v.optional(v.string()), node: v.optional(v.string()) }),
  v.check(
    ({ pod, node }) => (pod === undefined) !== (node === undefined),
    'name exactly one of `pod` or `node`',
  ),
);

/** A client program: one flow (`curl http://web`). */
const runStep = v.strictObject({
  id: v.optional(slug),
  run: typed,
  choose: v.optional(choose),
});
/** A change by an operator (`ip link set eth0 down`, `sysctl -w ...`). */
const changeStep = v.strictObject({ id: v.optional(slug), change: typed });
const waitStep = v.strictObject({
  wait: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(600_000)),
});
const timelineStep = v.union(
  [runStep, changeStep, waitStep],
  (issue) => `expected one of \`run\`, \`change\`, \`wait\`, got ${issue.received}`,
);
export type RunStep = v.InferOutput<typeof runStep>;

/** What is said at a step of the journey, besides what the engine says by itself. */
const narration = v.strictObject({
  at: v.pipe(v.string(), v.minLength(1)),
  say: sentence,
  source: v.optional(v.pipe(v.string(), v.url())),
});

export const scenarioSchema = v.strictObject({
  version: v.literal(SCENARIO_VERSION),
  id: slug,
  title: sentence,
  question: v.optional(sentence),
  takeaway: v.optional(sentence),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)), 1),
  cluster: v.optional(clusterSchema, {}),
  manifests: v.optional(v.string(), ''),
  timeline: v.pipe(v.array(timelineStep), v.minLength(1), v.maxLength(100)),
  narration: v.optional(v.pipe(v.array(narration), v.maxLength(200)), []),
});
export type ScenarioDocument = v.InferOutput<typeof scenarioSchema>;
