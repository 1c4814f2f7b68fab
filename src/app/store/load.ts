// Opens what the address bar asks for: link -> document -> engine -> trace -> step. Everything that can go wrong on the way ends in
// a state that the page shows; nothing is loaded in its place.
import {
  isScenarioId,
  loadScenario,
  scenarioIds,
  type ScenarioId,
} from '../../scenario/library/index.ts';
import { parseLocation, type ViewKey } from '../../scenario/share/location.ts';
import type { EngineClient } from '../../worker/client.ts';
import { RATES, stepsNow } from './player.ts';
import type { Stores } from './stores.ts';

export interface Page {
  readonly stores: Stores;
  readonly engine: Pick<EngineClient, 'call' | 'start'>;
}

export async function openLink(
  { stores, engine }: Page,
  search: string,
  hash: string,
): Promise<void> {
  const link = parseLocation(search, hash, scenarioIds);
  const rest = {
    view: link.view,
    other: link.other,
    pinned: link.kind === 'scenario' ? link.pinned : null,
  };
  applyView(stores, link.view);
  if (link.kind === 'unknown') {
    const problem = {
      kind: 'unknown-scenario',
      name: link.scenario,
      suggestions: link.suggestions,
    } as const;
    stores.document.setState({ scenario: null, title: '', problem, missingStep: null, rest });
    return;
  }
  if (link.kind === 'custom') {
    stores.document.setState({
      scenario: null,
      title: '',
      problem: { kind: 'custom-scenario' },
      missingStep: null,
      rest,
    });
    return;
  }
  const id =
    link.kind === 'scenario' && isScenarioId(link.scenario) ? link.scenario : scenarioIds[0]!;
  stores.document.setState({ scenario: id, title: '', problem: null, missingStep: null, rest });
  await openScenario({ stores, engine }, id, link.step);
}

export async function openScenario(
  { stores, engine }: Page,
  id: ScenarioId,
  step: string | number | null,
): Promise<void> {
  const { document, simulation, player } = stores;
  const isCurrent = (): boolean => document.getState().scenario === id;
  simulation.setState({ status: 'loading' }, true);
  player.getState().open(null);
  engine.start();
  let yaml: string;
  try {
    yaml = await loadScenario(id);
  } catch (error) {
    simulation.setState(
      { status: 'crashed', message: error instanceof Error ? error.message : String(error) },
      true,
    );
    return;
  }
  if (!isCurrent()) return;
  simulation.setState({ status: 'running', events: 0 }, true);
  const outcome = await engine.call(
    'simulate',
    { scenario: yaml },
    { onProgress: ({ done }) => simulation.setState({ status: 'running', events: done }, true) },
  );
  if (!isCurrent()) return;
  switch (outcome.kind) {
    case 'done':
    case 'unfinished': {
      const { trace, scenario } = outcome.value;
      document.setState({ title: scenario.title });
      const unfinished = outcome.kind === 'unfinished' ? outcome.why : trace.unfinished;
      player.getState().open(trace);
      simulation.setState({ status: 'ready', trace, unfinished }, true);
      if (step !== null && stepsNow(player.getState()).length > 0 && !player.getState().seek(step))
        document.setState({ missingStep: String(step) });
      return;
    }
    case 'failed':
      simulation.setState({ status: 'failed', diagnostics: outcome.diagnostics }, true);
      return;
    case 'crashed':
      simulation.setState({ status: 'crashed', message: outcome.message }, true);
      return;
    case 'cancelled':
      return;
  }
}

/** What a link says of how the page looks. Values that mean nothing are left alone. */
function applyView(
  { view, player }: Stores,
  wanted: Readonly<Partial<Record<ViewKey, string>>>,
): void {
  const { theme, speed } = wanted;
  if (theme === 'light' || theme === 'dark') view.getState().setTheme(theme);
  const rate = RATES.find((r) => `${r}` === speed);
  if (rate !== undefined) player.getState().setRate(rate);
}
