// The packet as a card in cards: one frame for each IP header, the TCP flags as letters, an arrowhead on the leading edge.
interface Props {
  readonly letters: string;
  readonly wraps: number;
  /** It goes back to the one that opened the flow. */
  readonly back: boolean;
  readonly lost: boolean;
  readonly flip: boolean;
}

const H = 20;

export function PacketGlyph({ letters, wraps, back, lost, flip }: Props) {
  const w = Math.max(28, letters.length * 7.5 + 14);
  const frames = Math.min(3, wraps);
  const pad = 4 * (frames - 1);
  const full = { w: w + 2 * pad, h: H + 2 * pad };
  const head = 7;
  return (
    <svg
      className={flip ? 'glyph glyph-flip' : 'glyph'}
      width={full.w + 2 * head}
      height={full.h + 4}
      viewBox={`${-head} -2 ${full.w + 2 * head} ${full.h + 4}`}
    >
      <defs>
        <pattern
          id="hatch"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0V5" className="glyph-hatch" />
        </pattern>
      </defs>
      {Array.from({ length: frames }, (_, i) => {
        const inset = 4 * i;
        const inner = i === frames - 1;
        return (
          <rect
            key={i}
            className={inner ? 'glyph-card' : 'glyph-wrap'}
            x={inset}
            y={inset}
            width={full.w - 2 * inset}
            height={full.h - 2 * inset}
            rx={3}
          />
        );
      })}
      {lost && <rect x={0} y={0} width={full.w} height={full.h} rx={3} fill="url(#hatch)" />}
      <path
        className="glyph-head"
        d={
          back
            ? `M-1 ${full.h / 2 - 5}L${-head} ${full.h / 2}L-1 ${full.h / 2 + 5}z`
            : `M${full.w + 1} ${full.h / 2 - 5}l${head - 1} 5l${-(head - 1)} 5z`
        }
      />
      <text className="glyph-text" x={full.w / 2} y={full.h / 2 + 4.5} textAnchor="middle">
        {letters}
      </text>
    </svg>
  );
}
