import { IField } from '../model/wire';

/** Fields of a grid of two columns, each over one or both. */
export interface IPlaced {
  field: IField;
  isHalf: boolean;
}

const SHORT = ['integer', 'number', 'date', 'datetime'];

/** Pair short fields that follow each other. */
export function paired(fields: IField[], isShort = (field: IField) => SHORT.includes(field.kind)): IPlaced[] {
  const placed: IPlaced[] = [];
  for (let index = 0; index < fields.length; index++) {
    const isPair = isShort(fields[index]) && index + 1 < fields.length && isShort(fields[index + 1]);
    placed.push({ field: fields[index], isHalf: isPair });
    if (isPair) {
      placed.push({ field: fields[++index], isHalf: true });
    }
  }
  return placed;
}

/** Whether a field of a record may stand beside another. */
export function isShortMember(field: IField): boolean {
  return [...SHORT, 'text', 'secret'].includes(field.kind);
}

const HEIGHTS: Partial<Record<IField['kind'], number>> = {
  bbox: 360,
  geometry: 380,
  long_text: 120,
  json: 120,
  file: 78,
  directory: 78
};

function height(field: IField): number {
  const inner = field.fields ?? (field.item ? [field.item] : []);
  const help = field.help ? 17 : 0;
  return inner.reduce((sum, member) => sum + height(member), HEIGHTS[field.kind] ?? 60) + help;
}

/** Give how many fields stand in the first of two columns, so that both end at about the same height. */
export function firstColumn(fields: IField[]): number {
  const heights = paired(fields).map(({ field, isHalf }) => height(field) / (isHalf ? 2 : 1));
  const all = heights.reduce((sum, one) => sum + one, 0);
  let best = 0;
  let least = Infinity;
  let above = 0;
  heights.forEach((one, index) => {
    above += one;
    const isBetweenPair =
      paired(fields)[index].isHalf && paired(fields.slice(0, index + 1)).at(-1)?.isHalf === false;
    const higher = Math.max(above, all - above);
    // Of two equal ways the one with more in the first column: it is the one for maps.
    if (higher <= least && !isBetweenPair) {
      least = higher;
      best = index + 1;
    }
  });
  return best;
}
