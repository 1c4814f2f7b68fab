// The player's controls. The scrubber is a native range input, so that it works as every slider of the platform does.
import { en } from '../messages/en.ts';
import { tell } from '../presenters/index.ts';
import { indexNow, RATES, stepNow, stepsNow } from '../store/player.ts';
import { usePlayer, useStores, useView } from '../store/stores.ts';
import { useLayout } from './environment.ts';
import { Icon } from './Icon.tsx';
import { Ticks } from './Ticks.tsx';

const t = en.transport;

export function Transport() {
  const { player } = useStores();
  const { first, previous, next, last, toggle, seekIndex, setRate } = player.getState();
  const steps = usePlayer(stepsNow);
  const index = usePlayer(indexNow);
  const step = usePlayer(stepNow);
  const trace = usePlayer((s) => s.trace);
  const playing = usePlayer((s) => s.playing);
  const rate = usePlayer((s) => s.rate);
  const layout = useLayout();
  const count = steps.length;
  const atEnd = index >= count - 1;
  const atStart = index === 0;
  const title = trace === null || step === null ? '' : tell(trace, step).title;
  const state = { step: Math.min(index + 1, count), steps: count };
  const replays = atEnd && count > 0;
  const play = playing ? t.pause : replays ? t.replay : t.play;

  return (
    <section
      className="transport"
      data-region="Transport"
      data-step={state.step}
      data-steps={count}
      aria-label={t.label}
    >
      <div className="transport-buttons">
        <button
          type="button"
          className="button icon-button only-wide"
          onClick={first}
          aria-disabled={atStart}
          aria-label={t.first}
          title={t.first}
        >
          <Icon name="first" />
        </button>
        <button
          type="button"
          className="button icon-button"
          onClick={previous}
          aria-disabled={atStart}
          aria-label={t.previous}
          title={t.previous}
        >
          <Icon name="previous" />
        </button>
        <button
          type="button"
          className="button"
          onClick={toggle}
          disabled={count === 0}
          aria-label={play}
        >
          <Icon name={playing ? 'pause' : replays ? 'replay' : 'play'} />
          <span className="label-wide">{play}</span>
        </button>
        <button
          type="button"
          className="button button-main"
          onClick={next}
          aria-disabled={atEnd}
          title={atEnd ? t.end : t.next}
        >
          <span>{t.next}</span>
          <Icon name="next" />
        </button>
        <button
          type="button"
          className="button icon-button only-wide"
          onClick={last}
          aria-disabled={atEnd}
          aria-label={t.last}
          title={t.last}
        >
          <Icon name="last" />
        </button>
      </div>
      <div className="scrubber">
        <Ticks />
        <input
          type="range"
          min={1}
          max={Math.max(1, count)}
          step={1}
          value={Math.max(1, state.step)}
          disabled={count === 0}
          aria-label={t.position}
          aria-valuetext={t.valueText({ ...state, title })}
          onChange={(event) => seekIndex(Number(event.target.value) - 1)}
        />
      </div>
      <output className="counter" aria-hidden="true">
        {state.step}/{count}
      </output>
      {layout === 'phone' ? (
        <Sheets />
      ) : (
        <label className="speed">
          <span className="visually-hidden">{t.speed}</span>
          <select value={rate} onChange={(event) => setRate(Number(event.target.value))}>
            {RATES.map((r) => (
              <option key={r} value={r}>
                {r}×
              </option>
            ))}
          </select>
        </label>
      )}
    </section>
  );
}

/** On a phone the packet lies under the list, until it is asked for. */
function Sheets() {
  const { view } = useStores();
  const sheet = useView((s) => s.sheet);
  return (
    <button
      type="button"
      className="button"
      aria-expanded={sheet === 'packet'}
      aria-controls="packet-panel"
      onClick={() => view.getState().toggleSheet('packet')}
    >
      <Icon name="packet" />
      <span>{t.packet}</span>
    </button>
  );
}
