// The registry of built-in scenarios. To add one: a YAML file named after its id, and one line here.
// Each is loaded when it is opened; library.test.ts reads, compiles and checks every one of them.

export const library = {
  clusterip: () => import('./clusterip.yaml?raw'),
} as const;

export type ScenarioId = keyof typeof library;
export const scenarioIds = Object.keys(library) as readonly ScenarioId[];
export const isScenarioId = (text: string): text is ScenarioId => Object.hasOwn(library, text);

/** The text of a built-in scenario. */
export const loadScenario = async (id: ScenarioId): Promise<string> =>
  (await library[id]()).default;
