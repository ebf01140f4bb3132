import { IField } from '../model/wire';
import { Day } from './leaf';
import { inWords, isBefore, parseDate, parseDateTime } from './moment';
import { below, blank, IContext, IFault, IReading } from './reading';
import { labelOf } from './words';

/** Whether an interval is between days, not times. */
export function isOfDays(field: IField): boolean {
  return !/date-time/.test(JSON.stringify(field.schema ?? {}));
}

/** Read From and To, together; one of them may be open where the value is one text. */
export function readInterval(field: IField, texts: string[], path: string, context: IContext): IReading {
  const { trans } = context;
  if (texts.every(text => text.trim() === '')) {
    return blank(field, path, context);
  }
  const names = [trans.__('From'), trans.__('To')];
  const isText = (field.schema as any)?.type === 'string';
  const isDays = isOfDays(field);
  const faults: IFault[] = [];
  const refuse = (end: number, message: string) =>
    faults.push({ path: below(path, ['from', 'to'][end]), label: labelFor(field, names[end]), message });
  const ends = texts.map((given, end) => {
    const text = given.trim();
    const isOpen = text === '' || text === '..';
    if (isOpen && !isText) {
      refuse(end, trans.__('%1 is missing.', names[end]));
    }
    if (isOpen) {
      return null;
    }
    const moment = isDays ? parseDate(text) : parseDateTime(text);
    if (moment === null) {
      refuse(end, isDays ? trans.__('Not a date: %1.', text) : trans.__('Not a date and time: %1.', text));
    }
    return moment;
  });
  const [from, to] = ends;
  if (from && to && isBefore(to, from)) {
    refuse(1, trans.__('To is before From (%1).', inWords(from)));
  }
  return { value: faults.length ? undefined : shaped(ends, field.schema, isDays), faults };
}

function labelFor(field: IField, end: string): string {
  return `${labelOf(field)}: ${end}`;
}

function shaped(ends: (string | null)[], schema: any, isDays: boolean): unknown {
  if (schema?.type === 'string') {
    return ends.map(end => end ?? '..').join('/');
  }
  const values = ends.map(end => (end !== null && isDays ? new Day(end) : end));
  const names = Object.keys(schema?.properties ?? {});
  return names.length >= 2 ? { [names[0]]: values[0], [names[1]]: values[1] } : values;
}
