// Name, scenario and how the page looks.
import { scenarioIds } from '../../scenario/library/index.ts';
import { en } from '../messages/en.ts';
import { useDocument, useStores, useView } from '../store/stores.ts';
import type { Theme } from '../store/view.ts';
import { useLayout } from './environment.ts';
import { Icon } from './Icon.tsx';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export function TopBar({ onScenario }: { readonly onScenario: (id: string) => void }) {
  const { view } = useStores();
  const scenario = useDocument((s) => s.scenario);
  const title = useDocument((s) => s.title);
  const theme = useView((s) => s.theme);
  const sheet = useView((s) => s.sheet);
  const layout = useLayout();
  return (
    <header className="topbar" data-region="TopBar">
      <p className="brand">
        <Icon name="packet" size={20} />
        <span className="label-wide">{en.app.name}</span>
      </p>
      <h1 className="title">{title === '' ? en.app.name : title}</h1>
      {scenarioIds.length > 1 && (
        <label className="scenario">
          <span className="visually-hidden">{en.app.scenarios}</span>
          <select value={scenario ?? ''} onChange={(event) => onScenario(event.target.value)}>
            {scenario === null && <option value="">…</option>}
            {scenarioIds.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
      )}
      {layout === 'compact' && (
        <button
          type="button"
          className="button"
          aria-expanded={sheet === 'steps'}
          aria-controls="step-list"
          onClick={() => view.getState().toggleSheet('steps')}
        >
          <Icon name={sheet === 'steps' ? 'close' : 'list'} />
          <span>{sheet === 'steps' ? en.list.close : en.list.open}</span>
        </button>
      )}
      <label className="theme">
        <span className="visually-hidden">{en.theme.label}</span>
        <Icon name="theme" />
        <select
          value={theme}
          onChange={(event) => view.getState().setTheme(event.target.value as Theme)}
        >
          {THEMES.map((t) => (
            <option key={t} value={t}>
              {en.theme[t]}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}
