import { IField } from '../model/wire';
import { ITrans } from '../model/words';
import {
  Draft,
  Drafts,
  hasDefault,
  IEntryDraft,
  IFileDraft,
  IUnionDraft,
  membersWithDefaults,
  shownDraft
} from './draft';
import { GeometryError, parseGeometry, shapedGeometry } from './geometry';
import { parseExact } from './json';
import { Day, Reference, Secret } from './leaf';
import { parseDate, parseDateTime } from './moment';
import { readBox } from './reading-box';
import { readInterval } from './reading-interval';
import { readNumber } from './reading-number';
import { absolutePath, isAddress, PlaceError, uriOf } from './places';
import { labelOf } from './words';

/** What keeps a field from being sent. */
export interface IFault {
  /** Names from the input down, joined by slashes. */
  path: string;
  label: string;
  message: string;
}

/** What a draft stands for; undefined is not sent. */
export interface IReading {
  value: unknown;
  faults: IFault[];
}

export interface IContext {
  trans: ITrans;
  /** Folder on the server's disk where the file browser begins. */
  root: string;
}

/** Give a path one name longer. */
export function below(path: string, name: string | number): string {
  return `${path}/${encodeURIComponent(String(name))}`;
}

const nothing: IReading = { value: undefined, faults: [] };

/** Read what was put into a field. */
export function read(field: IField, draft: Draft, path: string, context: IContext): IReading {
  if (draft === undefined) {
    const isRecord = field.kind === 'record' && field.required && !hasDefault(field);
    const isNeeded = field.required && !hasDefault(field);
    if (isRecord) {
      return readRecord(field, {}, path, context);
    }
    if (isNeeded && field.kind === 'union' && field.choices?.[0]) {
      return readUnion(field, { kind: 0, drafts: [] }, path, context);
    }
    return isNeeded ? fault(field, path, context.trans.__('This input is needed.')) : nothing;
  }
  switch (field.kind) {
    case 'integer':
    case 'number':
      return readNumber(field, draft as string, path, context);
    case 'choice':
      return { value: field.options?.[draft as number], faults: [] };
    case 'boolean':
      return { value: draft, faults: [] };
    case 'date':
    case 'datetime':
      return readMoment(field, draft as string, path, context);
    case 'interval':
      return readInterval(field, draft as string[], path, context);
    case 'bbox':
      return readBox(field, draft as string[], path, context);
    case 'geometry':
      return readGeometry(field, draft as string, path, context);
    case 'file':
    case 'directory':
      return readFile(field, draft as string | IFileDraft, path, context);
    case 'array':
      return readArray(field, draft as IEntryDraft[], path, context);
    case 'record':
      return readRecord(field, draft as Drafts, path, context);
    case 'union':
      return readUnion(field, draft as IUnionDraft, path, context);
    case 'json':
      return readJson(field, draft as string, path, context);
    default:
      return readText(field, draft as string, path, context);
  }
}

export function fault(field: IField, path: string, message: string): IReading {
  return { value: undefined, faults: [{ path, label: labelOf(field), message }] };
}

/** A blank is nothing: the default, or an input that is missing. */
export function blank(field: IField, path: string, context: IContext): IReading {
  return read(field, undefined, path, context);
}

function readText(field: IField, text: string, path: string, context: IContext): IReading {
  const { trans } = context;
  const length = [...text].length;
  if (field.min_length !== undefined && length < field.min_length) {
    return fault(
      field,
      path,
      trans._n('At least %1 character.', 'At least %1 characters.', field.min_length)
    );
  }
  if (field.max_length !== undefined && length > field.max_length) {
    const counted = trans._n('At most %1 character', 'At most %1 characters', field.max_length);
    return fault(field, path, trans.__('%1; there are %2.', counted, length));
  }
  if (field.pattern !== undefined && !matches(text, field.pattern)) {
    return fault(field, path, trans.__('Not as %1.', field.pattern));
  }
  return { value: field.kind === 'secret' ? new Secret(field.name, text) : text, faults: [] };
}

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // A pattern of another dialect is for the runner to check.
    return true;
  }
}

function readMoment(field: IField, text: string, path: string, context: IContext): IReading {
  if (text.trim() === '') {
    return blank(field, path, context);
  }
  const isDate = field.kind === 'date';
  const moment = isDate ? parseDate(text) : parseDateTime(text);
  if (moment === null) {
    const { trans } = context;
    const message = isDate
      ? trans.__('Not a date: %1.', text.trim())
      : trans.__('Not a date and time: %1.', text.trim());
    return fault(field, path, message);
  }
  return { value: isDate ? new Day(moment) : moment, faults: [] };
}

function readGeometry(field: IField, text: string, path: string, context: IContext): IReading {
  if (text.trim() === '') {
    return blank(field, path, context);
  }
  try {
    return { value: shapedGeometry(parseGeometry(text), field.schema), faults: [] };
  } catch (error) {
    if (!(error instanceof GeometryError)) {
      throw error;
    }
    return fault(field, path, context.trans.__('No geometry: %1.', error.message));
  }
}

function readFile(field: IField, draft: string | IFileDraft, path: string, context: IContext): IReading {
  if (typeof draft !== 'string') {
    return { value: draft.value, faults: [] };
  }
  const text = draft.trim();
  if (text === '') {
    return blank(field, path, context);
  }
  const className = field.kind === 'file' ? 'File' : 'Directory';
  if (isAddress(text)) {
    return { value: new Reference(className, text), faults: [] };
  }
  try {
    return { value: new Reference(className, uriOf(absolutePath(text, context.root))), faults: [] };
  } catch (error) {
    if (!(error instanceof PlaceError)) {
      throw error;
    }
    const message = context.trans.__('Files of the drive “%1” are not on the server’s disk.', error.message);
    return fault(field, path, message);
  }
}

function readArray(field: IField, entries: IEntryDraft[], path: string, context: IContext): IReading {
  const { trans } = context;
  const item = { ...field.item!, required: true };
  const readings = entries.map(({ draft }, index) => {
    const found = read(item, draft, below(path, index), context);
    const place = `${labelOf(field)} ${index + 1}`;
    const named = field.item!.kind === 'record' ? (label: string) => `${place}: ${label}` : () => place;
    return { ...found, faults: found.faults.map(one => ({ ...one, label: named(one.label) })) };
  });
  const faults = readings.flatMap(found => found.faults);
  const count = entries.length;
  if (field.min_items !== undefined && count < field.min_items) {
    const least = trans._n('At least %1 entry', 'At least %1 entries', field.min_items);
    faults.unshift(...fault(field, path, counted(least, count, trans)).faults);
  } else if (field.max_items !== undefined && count > field.max_items) {
    const most = trans._n('At most %1 entry', 'At most %1 entries', field.max_items);
    faults.unshift(...fault(field, path, counted(most, count, trans)).faults);
  }
  return { value: readings.map(found => found.value), faults };
}

function counted(limit: string, count: number, trans: ITrans): string {
  return count === 1 ? trans.__('%1; there is 1.', limit) : trans.__('%1; there are %2.', limit, count);
}

function readRecord(field: IField, drafts: Drafts, path: string, context: IContext): IReading {
  const members = membersWithDefaults(field);
  const isTouched = members.some(member => drafts[member.name] !== undefined);
  if (!isTouched && (!field.required || hasDefault(field))) {
    return nothing;
  }
  const value: Record<string, unknown> = {};
  const faults: IFault[] = [];
  for (const member of members) {
    const draft = shownDraft(member, drafts[member.name]);
    const found = read(member, draft, below(path, member.name), context);
    faults.push(...found.faults);
    if (found.value !== undefined) {
      value[member.name] = found.value;
    }
  }
  return { value, faults };
}

function readUnion(field: IField, draft: IUnionDraft, path: string, context: IContext): IReading {
  const choice = field.choices?.[draft.kind];
  if (!choice) {
    return nothing;
  }
  const inner = draft.drafts[draft.kind];
  if (inner === undefined && (!field.required || hasDefault(field)) && !hasDefault(choice)) {
    return nothing;
  }
  const found = read(
    { ...choice, required: true },
    shownDraft(choice, inner),
    below(path, draft.kind),
    context
  );
  return { ...found, faults: found.faults.map(one => ({ ...one, label: labelOf(field) })) };
}

function readJson(field: IField, text: string, path: string, context: IContext): IReading {
  if (text.trim() === '') {
    return blank(field, path, context);
  }
  try {
    return { value: parseExact(text), faults: [] };
  } catch (error) {
    return fault(field, path, context.trans.__('Not JSON: %1.', (error as Error).message));
  }
}
