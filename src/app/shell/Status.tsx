// In place of the map while there is no journey: loading, running, mistakes in the document, a bug of ours, a link that leads nowhere.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { scenarioIds } from '../../scenario/library/index.ts';
import { en } from '../messages/en.ts';
import { useDocument, useSimulation } from '../store/stores.ts';

const t = en.problems;

export function Status({ onScenario }: { readonly onScenario: (id: string) => void }) {
  const problem = useDocument((s) => s.problem);
  const scenario = useDocument((s) => s.scenario);
  const simulation = useSimulation((s) => s);
  const first = scenarioIds[0]!;
  if (problem?.kind === 'unknown-scenario')
    return (
      <Trouble title={t.unknownTitle} text={t.unknownText({ name: problem.name })}>
        {problem.suggestions.map((id) => (
          <button key={id} type="button" className="button" onClick={() => onScenario(id)}>
            {t.didYouMean({ name: id })}
          </button>
        ))}
        <button type="button" className="button" onClick={() => onScenario(first)}>
          {t.openFirst}
        </button>
        <CopyLink />
      </Trouble>
    );
  if (problem?.kind === 'custom-scenario')
    return (
      <Trouble title={t.customTitle} text={t.customText}>
        <button type="button" className="button" onClick={() => onScenario(first)}>
          {t.openFirst}
        </button>
        <CopyLink />
      </Trouble>
    );
  switch (simulation.status) {
    case 'failed':
      return (
        <Trouble title={t.failedTitle} text={t.failedText}>
          <ul className="diagnostics">
            {simulation.diagnostics.map((d, i) => (
              <li key={i}>{printDiagnostic(d)}</li>
            ))}
          </ul>
        </Trouble>
      );
    case 'crashed':
      return (
        <Trouble title={t.crashedTitle} text={t.crashedText}>
          <pre>{simulation.message}</pre>
          {scenario !== null && (
            <button type="button" className="button" onClick={() => onScenario(scenario)}>
              {t.retry}
            </button>
          )}
        </Trouble>
      );
    case 'ready':
      return <Trouble title={t.emptyTitle} text={t.emptyText} />;
    case 'running':
      return <Waiting text={en.app.running({ events: simulation.events })} />;
    case 'idle':
    case 'loading':
      return <Waiting text={en.app.loading} />;
  }
}

function Waiting({ text }: { readonly text: string }) {
  return (
    <div className="status" aria-busy="true">
      <p role="status">{text}</p>
    </div>
  );
}

function Trouble({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="status" role="alert">
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p>{text}</p>
      <div className="status-actions">{children}</div>
    </div>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      className="button"
      onClick={() => {
        navigator.clipboard.writeText(window.location.href).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    >
      {copied ? t.copied : t.copyLink}
    </button>
  );
}
