import * as React from 'react';
import { grouped } from '../model/format';
import { ISpan, parseAnsi } from './ansi';
import { levelOf } from './log-search';

interface IProps {
  /** Counted from 0. */
  line: number;
  text: string | undefined;
  /** What to mark, as typed. */
  query: string;
  isCurrent: boolean;
  onClick?(): void;
}

/** One line of a log; text never becomes markup. */
export const LogLine = React.memo((props: IProps): JSX.Element => {
  const { line, text, query, isCurrent } = props;
  const spans = React.useMemo(() => parseAnsi(text ?? ''), [text]);
  const level = React.useMemo(() => levelOf(spans.map(span => span.text).join('')), [spans]);
  return (
    <div
      className="jp-eodh-PageLogLine"
      data-level={level ?? undefined}
      data-line={line}
      data-current={isCurrent || undefined}
      onClick={props.onClick}
    >
      <span className="jp-eodh-PageLogNumber" data-number={grouped(line + 1)} />
      <span className="jp-eodh-PageLogText">
        {text === undefined ? ' ' : marked(spans, query).map(draw)}
        {'\n'}
      </span>
    </div>
  );
});

type Piece = ISpan & { isMatch: boolean };

/** Part the spans where what was searched for begins and ends. */
export function marked(spans: ISpan[], query: string): Piece[] {
  const whole = spans.map(span => span.text).join('');
  const wanted = query.toLowerCase();
  const low = whole.toLowerCase();
  // Lower case of some letters is longer: then places would not fit.
  if (!wanted || low.length !== whole.length || !low.includes(wanted)) {
    return spans.map(span => ({ ...span, isMatch: false }));
  }
  const edges = [0];
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) {
    edges.push(at, at + wanted.length);
  }
  edges.push(whole.length);
  const pieces: Piece[] = [];
  let start = 0;
  for (const span of spans) {
    const end = start + span.text.length;
    for (let edge = 0; edge + 1 < edges.length; edge++) {
      const [from, to] = [Math.max(start, edges[edge]), Math.min(end, edges[edge + 1])];
      if (from < to) {
        pieces.push({ ...span, text: whole.slice(from, to), isMatch: edge % 2 === 1 });
      }
    }
    start = end;
  }
  return pieces;
}

function draw(piece: Piece, at: number): React.ReactNode {
  const { text, colour, isBold, isItalic, isUnderlined, isMatch } = piece;
  if (isMatch) {
    return <mark key={at}>{text}</mark>;
  }
  if (colour === null && !isBold && !isItalic && !isUnderlined) {
    return text;
  }
  const style: React.CSSProperties = {
    ...(colour === null ? {} : { color: `var(--eodh-ansi-${colour})` }),
    ...(isBold ? { fontWeight: 600 } : {}),
    ...(isItalic ? { fontStyle: 'italic' } : {}),
    ...(isUnderlined ? { textDecoration: 'underline' } : {})
  };
  return (
    <span key={at} style={style}>
      {text}
    </span>
  );
}
