// The page: opens the link, keeps it current, and lays out the regions. One stores object an app; nothing is shared between two of them.
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { isScenarioId } from '../scenario/library/index.ts';
import { createEngineClient } from '../worker/client.ts';
import { StepCard } from './list/StepCard.tsx';
import { StepList } from './list/StepList.tsx';
import { en } from './messages/en.ts';
import { PacketPanel } from './panels/PacketPanel.tsx';
import { useLayout } from './shell/environment.ts';
import { useKeys } from './shell/keys.ts';
import { LiveRegion } from './shell/LiveRegion.tsx';
import { Notices } from './shell/Notices.tsx';
import { PathBar } from './shell/PathBar.tsx';
import { Status } from './shell/Status.tsx';
import { TopBar } from './shell/TopBar.tsx';
import { Transport } from './shell/Transport.tsx';
import { keepLink } from './store/link.ts';
import { openLink, openScenario, type Page } from './store/load.ts';
import { keepPlaying } from './store/playback.ts';
import { stepNow } from './store/player.ts';
import {
  createStores,
  StoresProvider,
  useDocument,
  usePlayer,
  useStores,
  useView,
} from './store/stores.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/steps.css';
import './styles/packet.css';

const MapRegion = lazy(() =>
  import('./canvas/MapRegion.tsx').then((m) => ({ default: m.MapRegion })),
);

export function App({ engine: given }: { readonly engine?: Page['engine'] }) {
  const stores = useMemo(createStores, []);
  const engine = useMemo(() => given ?? createEngineClient(), [given]);
  const page = useMemo((): Page => ({ stores, engine }), [stores, engine]);
  useEffect(() => {
    const open = (): void => void openLink(page, window.location.search, window.location.hash);
    open();
    const stopLink = keepLink(stores, (search) =>
      window.history.replaceState(null, '', `${window.location.pathname}${search}`),
    );
    const stopPlaying = keepPlaying(stores.player);
    const hide = (): void => {
      if (window.document.hidden) stores.player.getState().pause();
    };
    window.addEventListener('popstate', open);
    window.document.addEventListener('visibilitychange', hide);
    return () => {
      stopLink();
      stopPlaying();
      window.removeEventListener('popstate', open);
      window.document.removeEventListener('visibilitychange', hide);
    };
  }, [page, stores]);
  const choose = (id: string): void => {
    if (!isScenarioId(id)) return;
    window.history.pushState(null, '', `${window.location.pathname}?scenario=${id}`);
    stores.document.setState({ scenario: id, title: '', problem: null, missingStep: null });
    void openScenario(page, id, null);
  };
  return (
    <StoresProvider value={stores}>
      <Screen onScenario={choose} />
    </StoresProvider>
  );
}

function Screen({ onScenario }: { readonly onScenario: (id: string) => void }) {
  const root = useRef<HTMLDivElement>(null);
  const { player, view } = useStores();
  const layout = useLayout();
  const theme = useView((s) => s.theme);
  const sheet = useView((s) => s.sheet);
  const trace = usePlayer((s) => s.trace);
  const hasSteps = usePlayer((s) => stepNow(s) !== null);
  const title = useDocument((s) => s.title);
  useKeys(root, player, view.getState().closeSheet);
  useEffect(() => {
    window.document.title = title === '' ? en.app.name : en.app.pageTitle({ title });
  }, [title]);
  const ready = trace !== null && hasSteps;
  const phone = layout === 'phone';
  return (
    <div
      className="app"
      ref={root}
      data-layout={layout}
      data-theme={theme}
      data-sheet={sheet ?? undefined}
    >
      {ready && (
        <a className="skip" href="#step-card">
          {en.app.skip}
        </a>
      )}
      <TopBar onScenario={onScenario} />
      <PathBar />
      <Notices />
      <main className="main">
        <section className="map-region" data-region="Map" aria-label={en.map.label}>
          {ready ? (
            <Suspense fallback={null}>
              <MapRegion trace={trace} />
            </Suspense>
          ) : (
            <Status onScenario={onScenario} />
          )}
        </section>
        <StepList
          hidden={layout === 'compact' && sheet !== 'steps'}
          inline={phone ? <StepCard /> : undefined}
        />
        {!phone && <StepCard />}
        {(!phone || sheet === 'packet') && <PacketPanel closable={phone} />}
      </main>
      <Transport />
      <LiveRegion />
    </div>
  );
}
