import { IField } from '../model/wire';
import { boxOf } from './extent';
import { stringifyExact } from './json';
import { isAddress, pathOfUri } from './places';

/** An entry of an array; its key stays while it moves. */
export interface IEntryDraft {
  key: number;
  draft: Draft;
}

/** A file as the job had it, while its text is not changed. */
export interface IFileDraft {
  text: string;
  value: unknown;
}

export interface IUnionDraft {
  kind: number;
  drafts: Draft[];
}

/**
 * What a person has put into a field; undefined is nothing, so the default is used.
 * Texts as typed; the index of a choice; four texts of a box; two of an interval; drafts within drafts.
 */
export type Draft =
  | undefined
  | string
  | boolean
  | number
  | string[]
  | IFileDraft
  | IEntryDraft[]
  | IUnionDraft
  | { [name: string]: Draft };

export type Drafts = { [name: string]: Draft };

let lastKey = 0;

export function entry(draft: Draft): IEntryDraft {
  return { key: ++lastKey, draft };
}

/** Give the draft that shows a value; undefined when there is none, or the field cannot show it. */
export function draftOf(field: IField, value: unknown): Draft {
  if (value === undefined || (value === null && field.kind !== 'json' && field.kind !== 'union')) {
    return undefined;
  }
  switch (field.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'choice':
      return indexOf(field.options ?? [], value);
    case 'bbox':
      return boxOf(value)?.map(String);
    case 'interval':
      return intervalDraft(value);
    case 'array':
      return Array.isArray(value) ? value.map(item => entry(draftOf(field.item!, item))) : undefined;
    case 'record':
      return isObject(value) ? membersOf(field, value) : undefined;
    case 'union':
      return unionDraft(field, value);
    case 'file':
    case 'directory':
      return fileDraft(value);
    case 'geometry':
      return typeof value === 'string' ? value : stringifyExact(value);
    case 'json':
      return stringifyExact(value, '  ');
    default:
      return typeof value === 'string' ? value : stringifyExact(value);
  }
}

function indexOf(options: unknown[], value: unknown): number | undefined {
  const wanted = stringifyExact(value);
  const found = options.findIndex(option => stringifyExact(option) === wanted);
  return found < 0 ? undefined : found;
}

function intervalDraft(value: unknown): string[] | undefined {
  const parts =
    typeof value === 'string'
      ? value.split('/')
      : Array.isArray(value)
        ? value
        : isObject(value)
          ? Object.values(value)
          : [];
  return parts.length >= 2
    ? parts.slice(0, 2).map(part => (part === null || part === '..' ? '' : String(part)))
    : undefined;
}

function membersOf(field: IField, value: Record<string, unknown>): Drafts {
  return Object.fromEntries(
    (field.fields ?? []).map(member => [member.name, draftOf(member, value[member.name])])
  );
}

function unionDraft(field: IField, value: unknown): IUnionDraft | undefined {
  const choices = field.choices ?? [];
  const kind = choices.findIndex(choice => fits(choice, value));
  if (kind < 0) {
    return undefined;
  }
  const drafts: Draft[] = [];
  drafts[kind] = draftOf(choices[kind], value);
  return { kind, drafts };
}

/** Whether a value is of the kind of a field, near enough to show it. */
export function fits(field: IField, value: unknown): boolean {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  switch (field.kind) {
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'number':
      return isNumber;
    case 'file':
    case 'directory':
      return isObject(value) && value.class === (field.kind === 'file' ? 'File' : 'Directory');
    case 'array':
      return Array.isArray(value) && value.every(item => fits(field.item!, item));
    case 'record':
      return (
        isObject(value) &&
        value.class === undefined &&
        (field.fields ?? []).every(m => !m.required || m.name in value)
      );
    case 'boolean':
    case 'choice':
    case 'bbox':
    case 'interval':
      return draftOf(field, value) !== undefined;
    case 'geometry':
      return isObject(value) && typeof value.type === 'string';
    case 'json':
    case 'union':
      return true;
    default:
      return typeof value === 'string';
  }
}

function fileDraft(value: unknown): Draft {
  if (typeof value === 'string') {
    return placeText(value);
  }
  if (!isObject(value)) {
    return undefined;
  }
  const place = value.location ?? value.path ?? value.href;
  const rest = Object.keys(value).filter(name => !['class', 'location', 'path', 'href'].includes(name));
  const text = typeof place === 'string' ? placeText(place) : String(value.basename ?? '');
  return rest.length > 0 || typeof place !== 'string' ? { text, value } : text;
}

function placeText(place: string): string {
  return isAddress(place) ? place : place.startsWith('file:') ? pathOfUri(place) : place;
}

/** Give the members of a record, each with its default from that of the record. */
export function membersWithDefaults(field: IField): IField[] {
  const given = isObject(field.default) ? field.default : {};
  return (field.fields ?? []).map(member =>
    member.name in given ? { ...member, default: given[member.name] } : member
  );
}

/** Give what a field shows: what was put in, else its default. */
export function shownDraft(field: IField, draft: Draft): Draft {
  return draft === undefined ? draftOf(field, field.default) : draft;
}

/** Whether there is a default to go back to; null is none. */
export function hasDefault(field: IField): boolean {
  return field.default !== undefined && field.default !== null;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Give a draft that was kept elsewhere, its entries with keys of this page. */
export function revived(draft: any): Draft {
  if (Array.isArray(draft)) {
    return draft.map(item => (isObject(item) && 'key' in item ? entry(revived(item.draft)) : item)) as Draft;
  }
  if (isObject(draft) && !('value' in draft && 'text' in draft)) {
    return Object.fromEntries(Object.entries(draft).map(([name, item]) => [name, revived(item)])) as Draft;
  }
  return draft;
}
