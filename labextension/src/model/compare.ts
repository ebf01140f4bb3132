import { IField } from './wire';
import { clean, ITrans } from './words';

/** What a new revision changes for whoever launches the process. */
export interface IChanges {
  added: [string, string][];
  changed: [string, string][];
  removed: string[];
}

/** Compare the inputs of two revisions. */
export function compareFields(old: IField[], now: IField[], trans: ITrans): IChanges {
  const before = new Map(old.map(field => [field.name, field]));
  const names = new Set(now.map(field => field.name));
  const found: IChanges = { added: [], changed: [], removed: [] };
  for (const field of now) {
    const was = before.get(field.name);
    const words = was ? differences(was, field, trans) : about(field, trans);
    if (!was) {
      found.added.push([field.name, words]);
    } else if (words) {
      found.changed.push([field.name, words]);
    }
  }
  found.removed = old.filter(field => !names.has(field.name)).map(field => field.name);
  return found;
}

/** Whether calls that worked with the old revision work with the new one. */
export function isCompatible(old: IField[], now: IField[]): boolean {
  const before = new Map(old.map(field => [field.name, field]));
  const names = new Set(now.map(field => field.name));
  return (
    old.every(field => names.has(field.name)) &&
    now.every(field => {
      const was = before.get(field.name);
      return was ? field.kind === was.kind && !(isNeeded(field) && !isNeeded(was)) : !isNeeded(field);
    })
  );
}

function isNeeded(field: IField): boolean {
  return field.required && field.default === undefined;
}

function about(field: IField, trans: ITrans): string {
  if (field.default !== undefined) {
    return trans.__('default %1', shown(field.default));
  }
  return field.required ? trans.__('needed') : trans.__('may be left out');
}

function differences(was: IField, field: IField, trans: ITrans): string {
  const parts: string[] = [];
  const compare = (name: string, old: unknown, now: unknown) => {
    if (JSON.stringify(old) !== JSON.stringify(now)) {
      parts.push(trans.__('%1 %2, was %3', name, shown(now), shown(old)));
    }
  };
  if (was.kind !== field.kind) {
    parts.push(trans.__('%1, was %2', field.kind, was.kind));
  }
  if (isNeeded(was) !== isNeeded(field)) {
    parts.push(isNeeded(field) ? trans.__('now needed') : trans.__('no longer needed'));
  }
  compare(trans.__('default'), was.default, field.default);
  compare(
    trans.__('at least'),
    was.minimum ?? was.exclusive_minimum,
    field.minimum ?? field.exclusive_minimum
  );
  compare(
    trans.__('at most'),
    was.maximum ?? was.exclusive_maximum,
    field.maximum ?? field.exclusive_maximum
  );
  compare(trans.__('one of'), was.options, field.options);
  return parts.join(', ');
}

function shown(value: unknown): string {
  return value === undefined ? '–' : clean(typeof value === 'string' ? value : JSON.stringify(value), 60);
}
