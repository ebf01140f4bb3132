import { IField } from '../model/wire';
import { parseDecimal, toNumber } from './decimal';
import { shapedBox } from './extent';
import { below, blank, IContext, IFault, IReading } from './reading';
import { labelOf } from './words';

export const SIDES = ['west', 'south', 'east', 'north'] as const;

/** Read the four numbers of a bounding box. */
export function readBox(field: IField, texts: string[], path: string, context: IContext): IReading {
  const { trans } = context;
  if (texts.every(text => text.trim() === '')) {
    return blank(field, path, context);
  }
  const names = [trans.__('West'), trans.__('South'), trans.__('East'), trans.__('North')];
  const faults: IFault[] = [];
  const refuse = (side: number, message: string) =>
    faults.push({ path: below(path, SIDES[side]), label: `${labelOf(field)}: ${names[side]}`, message });
  const values = texts.map((text, side) => {
    const decimal = parseDecimal(text);
    const value = decimal && toNumber(decimal);
    const limit = side % 2 ? 90 : 180;
    if (text.trim() === '') {
      refuse(side, trans.__('%1 is missing.', names[side]));
    } else if (value === null) {
      refuse(side, trans.__('%1 is not a number.', names[side]));
    } else if (value < -limit || value > limit) {
      refuse(side, trans.__('%1 is not between \u2212%2 and %2.', names[side], limit));
    }
    return value ?? 0;
  });
  if (faults.length === 0) {
    if (values[3] <= values[1]) {
      refuse(3, trans.__('North is not above South.'));
    }
    if (values[0] === values[2]) {
      refuse(2, trans.__('East is the same as West.'));
    }
  }
  return { value: faults.length ? undefined : shapedBox(values, field.schema), faults };
}
