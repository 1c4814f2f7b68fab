// The step in words: where, what, why, and where to read on.
import { modelBreaches } from '../../trace/model/network-model.ts';
import { en } from '../messages/en.ts';
import { tell } from '../presenters/index.ts';
import { SOURCES } from '../presenters/sources.ts';
import { indexNow, stepNow, stepsNow } from '../store/player.ts';
import { usePlayer, useStores } from '../store/stores.ts';
import { Icon } from '../shell/Icon.tsx';
import { Prose } from './Prose.tsx';

export function StepCard() {
  const { player } = useStores();
  const trace = usePlayer((s) => s.trace);
  const step = usePlayer(stepNow);
  const index = usePlayer(indexNow);
  const count = usePlayer((s) => stepsNow(s).length);
  if (trace === null || step === null) return null;
  const told = tell(trace, step);
  const source = SOURCES[told.source];
  const here = new Set(step.events);
  // Two pods of one address are so from the start.
  const breaches = modelBreaches(trace).filter(({ seq }) =>
    seq === null ? index === 0 : here.has(seq),
  );
  return (
    <section
      className="stepcard"
      data-region="StepCard"
      aria-labelledby="step-title"
      id="step-card"
      tabIndex={-1}
    >
      {step.expandable && (
        <button
          type="button"
          className="button stepcard-fold"
          onClick={() => player.getState().expand(step.id, true)}
        >
          <Icon name="open" />
          <span>{en.list.expand}</span>
        </button>
      )}
      <p className="stepcard-where">
        <span className="visually-hidden">{en.card.number({ step: index + 1, steps: count })}</span>
        <span aria-hidden="true">{index + 1}</span>
        <span>{told.where}</span>
      </p>
      <h2 id="step-title" className="stepcard-title">
        {told.title}
      </h2>
      {told.change !== null && (
        <p className="stepcard-change">
          <code>{told.change.before}</code>{' '}
          <span aria-label={en.list.wasTo} role="img">
            →
          </span>{' '}
          <code>{told.change.after}</code>
        </p>
      )}
      <p className="stepcard-what">
        <Prose text={told.what} />
      </p>
      {breaches.map((breach) => (
        <p className="stepcard-model" key={`${breach.rule} ${breach.seq}`}>
          <strong>{en.model.title}</strong> <Prose text={en.model[breach.rule](breach)} />{' '}
          <a
            href={SOURCES.networkModel.url}
            target="_blank"
            rel="noreferrer noopener"
            className="source"
          >
            {SOURCES.networkModel.label}
            <Icon name="external" size={12} />
          </a>
        </p>
      ))}
      {told.why !== '' && (
        <p className="stepcard-why">
          <Prose text={told.why} />{' '}
          <a href={source.url} target="_blank" rel="noreferrer noopener" className="source">
            {source.label}
            <Icon name="external" size={12} />
          </a>
        </p>
      )}
    </section>
  );
}
