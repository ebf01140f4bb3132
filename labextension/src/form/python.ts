import { Day, Reference, Secret } from './leaf';
import { pathOfUri } from './places';

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for ' +
    'from global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' ')
);

export function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !KEYWORDS.has(text);
}

/** Write a text as Python does; marks that turn text around would make code say what it does not do. */
export function pythonText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g,
    found => '\\u' + found.charCodeAt(0).toString(16).padStart(4, '0')
  );
}

/** Write a value as a literal of Python. */
export function pythonValue(value: any): string {
  if (value instanceof Reference) {
    return pythonText(placeOf(value));
  }
  if (value instanceof Day) {
    const [year, month, day] = value.text.split('-').map(Number);
    return `date(${year}, ${month}, ${day})`;
  }
  if (value instanceof Secret) {
    return `getpass(${pythonText(`${value.name}: `)})`;
  }
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'string') {
    return pythonText(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(pythonValue).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${members.map(([name, item]) => `${pythonText(name)}: ${pythonValue(item)}`).join(', ')}}`;
  }
  return String(value);
}

/** Give how a person writes a file: its path, or its address. */
export function placeOf(reference: Reference): string {
  const { location } = reference;
  return /^file:\/\//i.test(location) ? pathOfUri(location) : location;
}

/** Whether somewhere in a value is one of a kind. */
export function holds(value: any, kind: typeof Day | typeof Secret): boolean {
  if (value instanceof kind) {
    return true;
  }
  return value !== null && typeof value === 'object' && Object.values(value).some(item => holds(item, kind));
}

/** Give the imports that the literal of a value needs. */
export function imports(value: unknown): string[] {
  return [
    ...(holds(value, Day) ? ['from datetime import date'] : []),
    ...(holds(value, Secret) ? ['from getpass import getpass'] : [])
  ];
}

/** Write what launches a process with these inputs in any notebook. */
export function pythonCode(processID: string, inputs: [string, unknown][]): string {
  const needed = imports(inputs.map(([, value]) => value));
  const lines = [...needed, ...(needed.length ? [''] : []), 'from eodh_jupyter import Client', ''];
  const call = `job = Client().process(${pythonText(processID)}).execute(`;
  const written = inputs.map(([name, value]) =>
    isName(name)
      ? `    ${name}=${pythonValue(value)},`
      : `    **{${pythonText(name)}: ${pythonValue(value)}},`
  );
  return [...lines, ...(written.length ? [call, ...written, ')'] : [`${call})`])].join('\n') + '\n';
}
