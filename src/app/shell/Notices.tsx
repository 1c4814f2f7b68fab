// What did not go as asked but does not stop the journey: a step that is not there, a run that ended early, parts that are not modelled.
import { useState } from 'react';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { en } from '../messages/en.ts';
import { useDocument, useSimulation, useStores } from '../store/stores.ts';
import { Icon } from './Icon.tsx';

export function Notices() {
  const { document } = useStores();
  const missing = useDocument((s) => s.missingStep);
  const simulation = useSimulation((s) => s);
  const [hidden, setHidden] = useState<unknown>(null);
  if (simulation.status !== 'ready') return null;
  const { trace, unfinished } = simulation;
  const notes = hidden === trace ? [] : trace.diagnostics;
  if (missing === null && unfinished === null && notes.length === 0) return null;
  return (
    <div className="notices" role="region" aria-label={en.problems.notices}>
      {missing !== null && (
        <Notice onClose={() => document.setState({ missingStep: null })}>
          <p role="alert">{en.problems.unknownStep({ step: missing })}</p>
        </Notice>
      )}
      {unfinished !== null && (
        <Notice>
          <p>{en.problems.unfinished({ why: unfinished })}</p>
        </Notice>
      )}
      {notes.length > 0 && (
        <Notice onClose={() => setHidden(trace)}>
          <details>
            <summary>{en.problems.notModelled({ count: notes.length })}</summary>
            <ul>
              {notes.map((d, i) => (
                <li key={i}>{printDiagnostic(d)}</li>
              ))}
            </ul>
          </details>
        </Notice>
      )}
    </div>
  );
}

function Notice({
  children,
  onClose,
}: {
  readonly children: React.ReactNode;
  readonly onClose?: () => void;
}) {
  return (
    <div className="notice">
      {children}
      {onClose !== undefined && (
        <button
          type="button"
          className="button icon-button"
          aria-label={en.problems.dismiss}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
