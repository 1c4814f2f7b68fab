// Says each step once to screen readers. While the journey plays it stays silent, and says where it stopped.
import { useEffect, useState } from 'react';
import { en } from '../messages/en.ts';
import { tell } from '../presenters/index.ts';
import { indexNow, stepNow, stepsNow } from '../store/player.ts';
import { useStores } from '../store/stores.ts';

export function LiveRegion() {
  const { player } = useStores();
  const [text, setText] = useState('');
  useEffect(
    () =>
      player.subscribe((now, before) => {
        if (now.playing || now.trace === null || before.cursor === null) return;
        if (now.cursor === before.cursor && now.playing === before.playing) return;
        const step = stepNow(now);
        if (step === null) return;
        const { where, what, why } = tell(now.trace, step);
        const count = stepsNow(now).length;
        const index = indexNow(now);
        const number = en.card.number({ step: index + 1, steps: count });
        setText(
          `${number}, ${where}. ${what} ${why}${index === count - 1 ? ` ${en.card.finish}` : ''}`,
        );
      }),
    [player],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite" aria-atomic="true">
      {text}
    </div>
  );
}
