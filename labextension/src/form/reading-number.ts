import { IField } from '../model/wire';
import { isMultiple, isWhole, parseDecimal, toNumber } from './decimal';
import { blank, fault, IContext, IReading } from './reading';

const MOST = 2n ** 63n - 1n;

/** Read a number: whole ones exactly, also when they are written as 1e3. */
export function readNumber(field: IField, text: string, path: string, context: IContext): IReading {
  const { trans } = context;
  if (text.trim() === '') {
    return blank(field, path, context);
  }
  const decimal = parseDecimal(text);
  if (!decimal) {
    return fault(field, path, field.kind === 'integer' ? trans.__('A whole number.') : trans.__('A number.'));
  }
  if (field.kind === 'integer' && !isWhole(decimal)) {
    return fault(field, path, trans.__('A whole number.'));
  }
  const value = toNumber(decimal);
  if (value === null) {
    return fault(field, path, trans.__('Too large for a number.'));
  }
  const step = (field.schema as any)?.multipleOf;
  const message = outOfRange(field, value, context) ?? multipleMessage(step);
  return message ? fault(field, path, message) : { value, faults: [] };

  function multipleMessage(of: unknown): string | null {
    const unit = typeof of === 'number' ? parseDecimal(String(of)) : null;
    return unit && !isMultiple(decimal!, unit)
      ? trans.__('A multiple of %1.', with_(field, of as number))
      : null;
  }
}

function outOfRange(field: IField, value: number | bigint, { trans }: IContext): string | null {
  const { minimum, maximum, exclusive_minimum, exclusive_maximum } = field;
  if (exclusive_minimum !== undefined && value <= exclusive_minimum) {
    return trans.__('More than %1.', with_(field, exclusive_minimum));
  }
  if (exclusive_maximum !== undefined && value >= exclusive_maximum) {
    return trans.__('Less than %1.', with_(field, exclusive_maximum));
  }
  if (minimum !== undefined && value < minimum) {
    return trans.__('At least %1.', with_(field, minimum));
  }
  if (maximum !== undefined && value > maximum) {
    return trans.__('At most %1.', with_(field, maximum));
  }
  if (field.kind === 'integer' && (value > MOST || value < -MOST - 1n)) {
    return value > 0 ? trans.__('At most %1.', String(MOST)) : trans.__('At least %1.', String(-MOST - 1n));
  }
  return null;
}

function with_(field: IField, value: number): string {
  return field.unit ? `${value}\u00a0${field.unit}` : String(value);
}
