// The packet at this step: what changed, its headers in each other, and what only the kernel knows. Labels are Wireshark's.
import type { ReactNode } from 'react';
import { en } from '../messages/en.ts';
import { sayingOf, sizeOf } from '../presenters/facts.ts';
import { stepNow } from '../store/player.ts';
import { usePlayer, useStores } from '../store/stores.ts';
import { Icon } from '../shell/Icon.tsx';
import { factsOf } from './kernel-facts.ts';
import { packetView, type ChangeView, type LayerView } from './layers.ts';

const t = en.packet;

export function PacketPanel({ closable = false }: { readonly closable?: boolean }) {
  const { view } = useStores();
  const trace = usePlayer((s) => s.trace);
  const step = usePlayer(stepNow);
  const shown = trace === null || step === null ? null : packetView(trace, step);
  const facts = trace === null || step === null ? [] : factsOf(trace, step, en);
  const said = shown === null ? null : sayingOf(shown.packet);
  return (
    <section
      className="packetpanel"
      id="packet-panel"
      data-region="PacketPanel"
      aria-labelledby="packet-title"
    >
      <div className="packetpanel-head">
        <h2 id="packet-title">{t.title}</h2>
        {said !== null && shown !== null && (
          <p className="packet-saying">
            <strong>{said.word}</strong>{' '}
            <span>
              {(shown.packet.layers[0]?.kind === 'ethernet' ? t.size : t.sizeBare)({
                bytes: sizeOf(shown.packet),
              })}
            </span>
          </p>
        )}
        {closable && (
          <button
            type="button"
            className="button icon-button"
            aria-label={en.list.close}
            onClick={() => view.getState().closeSheet()}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <div
        className="packetpanel-scroll"
        data-scrolls
        tabIndex={0}
        role="group"
        aria-labelledby="packet-title"
      >
        {shown === null ? (
          <p className="quiet">{t.none}</p>
        ) : (
          <>
            <Changes changes={shown.changes} derived={shown.derived} />
            <h3>{t.layers}</h3>
            <Layers key={step?.id} layers={shown.layers} />
          </>
        )}
        {facts.length > 0 && (
          <>
            <h3>{t.kernel}</h3>
            <ul className="facts">
              {facts.map((fact) => (
                <li key={fact.label}>
                  [{fact.label}: <span className="data">{fact.text}</span>]
                  {fact.code !== null && <code className="fact-code">{fact.code}</code>}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

function Changes({
  changes,
  derived,
}: {
  readonly changes: readonly ChangeView[];
  readonly derived: number;
}) {
  if (changes.length === 0) return <p className="quiet">{t.noChanges}</p>;
  return (
    <>
      <h3>{t.changes}</h3>
      <ul className="changes">
        {changes.map((c) => (
          <li
            key={c.key}
            className={
              c.whole ? (c.after === null ? 'change change-gone' : 'change change-new') : 'change'
            }
          >
            <span className="change-mark" aria-hidden="true">
              {c.whole ? (c.after === null ? '⊟' : '⊞') : 'Δ'}
            </span>
            <span className="change-label">{c.whole ? c.label : `${c.layer}: ${c.label}`}</span>
            {c.whole ? (
              <span className="change-word">{c.after === null ? t.removed : t.added}</span>
            ) : (
              <span className="change-values">
                <span className="was">{c.before ?? '–'}</span>{' '}
                <span role="img" aria-label={en.list.wasTo}>
                  →
                </span>{' '}
                <span className="is">{c.after ?? '–'}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
      {derived > 0 && <p className="quiet">{t.derived({ count: derived })}</p>}
    </>
  );
}

/** Each header holds what it carries: the nesting of the boxes is that of the packet. */
function Layers({ layers }: { readonly layers: readonly LayerView[] }) {
  const quiet = layers.every((l) => l.state === 'same');
  const ip = layers.findLastIndex((l) => l.title.startsWith('Internet Protocol'));
  return layers.reduceRight<ReactNode>((inner, layer, i) => {
    const open = layer.state !== 'same' ? layer.state === 'changed' : quiet && i === ip;
    return (
      <div className={`layer layer-${layer.state}`}>
        <details open={open}>
          <summary>
            <span className="layer-title">{layer.title}</span>
            <span className="layer-summary">{layer.summary}</span>
            {layer.state !== 'same' && (
              <span className="layer-flag">
                {layer.state === 'added' ? `⊞ ${t.added}` : `Δ ${t.changed}`}
              </span>
            )}
          </summary>
          <dl className="fields">
            {layer.fields.map((f) => (
              <div
                key={f.key}
                className={
                  f.changed ? (f.derived ? 'field field-derived' : 'field field-changed') : 'field'
                }
              >
                <dt title={f.filter}>
                  {f.changed && <span aria-hidden="true">Δ </span>}
                  {f.label}
                </dt>
                <dd>
                  {f.was !== null && (
                    <span className="was">
                      <span className="visually-hidden">{t.was} </span>
                      {f.was}
                    </span>
                  )}
                  <span className={f.was === null ? undefined : 'is'}>{f.value}</span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
        {inner}
      </div>
    );
  }, null);
}
