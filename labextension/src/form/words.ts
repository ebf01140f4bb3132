import { clean, ITrans } from '../model/words';
import { IField } from '../model/wire';
import { draftOf, isObject } from './draft';
import { stringifyExact } from './json';

const MEDIA: Record<string, string> = {
  'application/geo+json': 'GeoJSON',
  'application/json': 'JSON',
  'application/x-netcdf': 'NetCDF',
  'application/pdf': 'PDF',
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/tiff': 'GeoTIFF',
  'text/csv': 'CSV',
  'text/plain': 'text'
};

/** Give what a field takes, in a few words behind its label. */
export function typeWords(field: IField, trans: ITrans): string {
  const range = rangeWords(field, trans);
  const base = range && field.kind === 'integer' ? trans.__('whole') : kindWords(field, trans);
  return range ? trans.__('%1, %2', base, range) : base;
}

function kindWords(field: IField, trans: ITrans): string {
  switch (field.kind) {
    case 'text':
      return trans.__('text');
    case 'long_text':
      return trans.__('long text');
    case 'secret':
      return trans.__('secret');
    case 'integer':
      return trans.__('whole number');
    case 'number':
      return trans.__('number');
    case 'boolean':
      return trans.__('yes or no');
    case 'choice':
      return trans.__('one of %1', field.options?.length ?? 0);
    case 'date':
      return trans.__('date');
    case 'datetime':
      return trans.__('date and time');
    case 'interval':
      return trans.__('from and to');
    case 'bbox':
      return trans.__('bounding box, degrees');
    case 'geometry':
      return trans.__('geometry, degrees');
    case 'file':
      return [trans.__('file'), ...mediaWords(field)].join(', ');
    case 'directory':
      return [trans.__('folder'), ...mediaWords(field)].join(', ');
    case 'array':
      return field.item ? trans.__('list of %1', kindWords(field.item, trans)) : trans.__('list');
    case 'record':
      return trans.__('record');
    case 'union':
      return trans.__('one of %1 kinds', field.choices?.length ?? 0);
    default:
      return 'JSON';
  }
}

function mediaWords(field: IField): string[] {
  return [...new Set((field.media_types ?? []).map(type => MEDIA[type.split(';')[0]] ?? clean(type, 40)))];
}

function rangeWords(field: IField, trans: ITrans): string {
  if (field.kind === 'array') {
    return span(field.min_items, field.max_items, trans);
  }
  if (field.kind !== 'integer' && field.kind !== 'number') {
    return '';
  }
  if (field.exclusive_minimum !== undefined) {
    return trans.__('more than %1', field.exclusive_minimum);
  }
  if (field.exclusive_maximum !== undefined && field.minimum === undefined) {
    return trans.__('less than %1', field.exclusive_maximum);
  }
  return span(field.minimum, field.exclusive_maximum ?? field.maximum, trans);
}

function span(least: number | undefined, most: number | undefined, trans: ITrans): string {
  if (least !== undefined && most !== undefined) {
    return least === most ? trans.__('exactly %1', least) : trans.__('%1 to %2', least, most);
  }
  if (least !== undefined) {
    return trans.__('at least %1', least);
  }
  return most !== undefined ? trans.__('at most %1', most) : '';
}

/** Give a value in a few words: "20 %", "B04, B08", "not set". */
export function valueWords(field: IField, value: unknown, trans: ITrans): string {
  if (value === undefined || value === null) {
    return trans.__('not set');
  }
  if (field.kind === 'secret') {
    return trans.__('another one');
  }
  if (value === '') {
    return trans.__('empty text');
  }
  if (typeof value === 'boolean') {
    return value ? trans.__('yes') : trans.__('no');
  }
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) {
    return value.length ? clean(value.join(', '), 120) : trans.__('an empty list');
  }
  if (isObject(value) && (field.kind === 'file' || field.kind === 'directory')) {
    const draft = draftOf(field, value);
    return clean(isObject(draft) ? draft.text : draft, 120);
  }
  const text = typeof value === 'string' ? value : stringifyExact(value);
  return clean(text, 120) + (field.unit ? `\u00a0${field.unit}` : '');
}

/** Give the name of a field as a person reads it. */
export function labelOf(field: IField): string {
  return clean(field.label || field.name, 120);
}
