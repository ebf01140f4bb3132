/** JSON whose whole numbers stay exact: those beyond 2^53 are BigInt. */

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MARK = '\u0000';

/** Parse JSON; throws SyntaxError as JSON.parse does. */
export function parseExact(text: string): unknown {
  const marked = text.replace(TOKEN, token => {
    const isUnsafe = /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
    return isUnsafe ? `{"\\u0000":"${token}"}` : token;
  });
  if (marked === text) {
    return JSON.parse(text);
  }
  try {
    return JSON.parse(marked, (_, value) =>
      value && typeof value === 'object' && MARK in value ? BigInt(value[MARK]) : value
    );
  } catch {
    // The places that an error names are those of the text as it is.
    return JSON.parse(text);
  }
}

/** Write JSON; characters that end a line somewhere are escaped. */
export function stringifyExact(value: unknown, indent = '', isSpaced = true): string {
  return write(value, { indent, space: isSpaced ? ' ' : '' }, '\n');
}

interface IStyle {
  indent: string;
  space: string;
}

function write(value: any, style: IStyle, line: string): string {
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (value && typeof value.toJSON === 'function') {
    return write(value.toJSON(), style, line);
  }
  if (value === null || typeof value !== 'object') {
    return escaped(JSON.stringify(value) ?? 'null');
  }
  const inner = line + style.indent;
  const parts = Array.isArray(value)
    ? value.map(item => write(item, style, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${escaped(JSON.stringify(name))}:${style.space}${write(item, style, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0 || !style.indent) {
    return open + parts.join(`,${style.space}`) + close;
  }
  return open + inner + parts.join(`,${inner}`) + line + close;
}

function escaped(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    found => '\\u' + found.charCodeAt(0).toString(16).padStart(4, '0')
  );
}
