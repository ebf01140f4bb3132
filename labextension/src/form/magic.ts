import { stringifyExact } from './json';
import { Day, Reference, Secret } from './leaf';
import { holds, imports, isName, placeOf, pythonValue } from './python';

/** What Python's `str.splitlines` takes for the end of a line; a magic is one line. */
// eslint-disable-next-line no-control-regex
const LINE_END = /[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;
/** A name that a magic takes before `=`, without `-i`. */
const NAME = /^[A-Za-z_][\w.-]*$/;

/** Quote a word as a shell does. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'"'"'`)}'`;
}

/** Give the word that stands for an input; null when none on one line can. */
export function magicWord(name: string, value: unknown, schema: any): string | null {
  if (holds(value, Secret)) {
    return null;
  }
  const plain = placed(value);
  const isText =
    typeof plain === 'string' && (schema?.type === 'string' || (schema && 'x-cwl-class' in schema));
  if (Array.isArray(plain) && schema?.properties?.bbox) {
    return pair(name, plain.join(','));
  }
  if (!isText) {
    const json = stringifyExact(plain, '', false);
    // Lists and objects stay as they are behind a plain name.
    return /^[[{]/.test(json) && NAME.test(name) ? `${name}=${json}` : pair(name, json);
  }
  // A dollar at the beginning would name a variable.
  return LINE_END.test(plain) ? null : pair(name, plain.startsWith('$') ? `$${plain}` : plain);
}

function pair(name: string, text: string): string {
  return NAME.test(name) ? quoted(`${name}=${text}`) : `-i ${quoted(`${name}=${text}`)}`;
}

/** Give a value with files and days as a person writes them. */
function placed(value: any): unknown {
  if (value instanceof Reference) {
    return placeOf(value);
  }
  if (value instanceof Day) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map(placed);
  }
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, placed(item)]));
  }
  return value;
}

/** Write the magic that launches a process, and variables for what does not fit on its line. */
export function magicCode(processID: string, inputs: [string, unknown, any][]): string {
  const before: string[] = [];
  const words = ['%workflow', 'launch', ...(processID.startsWith('-') ? [] : [quoted(processID)])];
  inputs.forEach(([name, value, schema], index) => {
    const word = magicWord(name, value, schema);
    if (word !== null) {
      words.push(word);
      return;
    }
    const variable = isName(name) ? name : `input_${index + 1}`;
    before.push(...imports(value), `${variable} = ${pythonValue(value)}`);
    words.push(
      pair(name, '').startsWith('-i') ? `-i ${quoted(`${name}=$${variable}`)}` : `${name}=$${variable}`
    );
  });
  if (processID.startsWith('-')) {
    words.push('--', quoted(processID));
  }
  return [...new Set(before), words.join(' ')].join('\n') + '\n';
}
