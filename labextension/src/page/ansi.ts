/** A run of characters in one style. */
export interface ISpan {
  text: string;
  /** 0 to 15, the terminal's own numbers; null is the colour of text. */
  colour: number | null;
  isBold: boolean;
  isItalic: boolean;
  isUnderlined: boolean;
}

type Style = Omit<ISpan, 'text'>;

const PLAIN: Style = { colour: null, isBold: false, isItalic: false, isUnderlined: false };

/* eslint-disable no-control-regex */
/** Every sequence that a terminal obeys, also a cut one: strings (OSC, DCS, …), CSI, and the short ones. */
const SEQUENCE =
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)?|(?:\u001b\[|\u009b)([0-9:;<=>?]*)[ -/]*([@-~]|$)|\u001b[ -/]*[0-~]?/g;
/** What remains of controls and of marks that turn text around. */
const CONTROL =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/* eslint-enable no-control-regex */

/** Give a line of a log in runs of one style; colours of 16 stay, all else that a terminal obeys is dropped. */
export function parseAnsi(line: string): ISpan[] {
  const spans: ISpan[] = [];
  let style = PLAIN;
  let end = 0;
  const add = (text: string) => {
    const shown = text.replace(CONTROL, '');
    if (shown) {
      spans.push({ ...style, text: shown });
    }
  };
  const text = overwritten(line);
  for (const found of text.matchAll(SEQUENCE)) {
    add(text.slice(end, found.index));
    end = found.index! + found[0].length;
    if (found[2] === 'm' && !/[:<=>?]/.test(found[1])) {
      style = styled(style, found[1].split(';').map(Number));
    }
  }
  add(text.slice(end));
  return spans;
}

/** Give the text alone. */
export function plainText(line: string): string {
  return parseAnsi(line)
    .map(span => span.text)
    .join('');
}

/** A carriage return begins the line anew, as progress bars do: the last text stands. */
function overwritten(line: string): string {
  if (!line.includes('\r')) {
    return line;
  }
  const parts = line.split('\r').filter(part => part !== '');
  return parts[parts.length - 1] ?? '';
}

function styled(style: Style, codes: number[]): Style {
  let next = style;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) {
      next = PLAIN;
    } else if (code === 38 || code === 48) {
      // 256 colours (5;n) and true colours (2;r;g;b) are skipped; the first 16 are the known ones.
      const isIndexed = codes[at + 1] === 5;
      if (code === 38) {
        next = { ...next, colour: isIndexed && codes[at + 2] < 16 ? codes[at + 2] : null };
      }
      at += isIndexed ? 2 : codes[at + 1] === 2 ? 4 : 1;
    } else {
      next = { ...next, ...change(code) };
    }
  }
  return next;
}

function change(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) {
    return { colour: code - 30 };
  }
  if (code >= 90 && code <= 97) {
    return { colour: code - 82 };
  }
  const changes: Record<number, Partial<Style>> = {
    1: { isBold: true },
    3: { isItalic: true },
    4: { isUnderlined: true },
    22: { isBold: false },
    23: { isItalic: false },
    24: { isUnderlined: false },
    39: { colour: null }
  };
  return changes[code] ?? {};
}
