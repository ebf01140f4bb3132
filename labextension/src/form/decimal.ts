/** A number as it was typed: digits times ten to the exponent. */
export interface IDecimal {
  digits: bigint;
  exponent: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
/** More decimal places than any double has. */
const LIMIT = 1100;

/** Read what was typed; null for what is no number. A typographic minus is a minus. */
export function parseDecimal(text: string): IDecimal | null {
  const found = NUMBER.exec(
    text
      .trim()
      .replace(/^\u2212/, '-')
      .replace(/([eE])\u2212/, '$1-')
  );
  const whole = found?.[2] ?? '';
  const part = found?.[3] ?? '';
  if (!found || whole + part === '' || whole.length + part.length > LIMIT) {
    return null;
  }
  const digits = BigInt(`${found[1] === '-' ? '-' : ''}${whole}${part}`);
  return normal({ digits, exponent: Number(found[4] ?? 0) - part.length });
}

function normal({ digits, exponent }: IDecimal): IDecimal {
  if (digits === 0n) {
    return { digits, exponent: 0 };
  }
  while (digits % 10n === 0n) {
    digits /= 10n;
    exponent++;
  }
  return { digits, exponent };
}

export function isWhole(value: IDecimal): boolean {
  return value.exponent >= 0;
}

/** Give a number that JSON can hold; exact when whole; null when it is too large. */
export function toNumber(value: IDecimal): number | bigint | null {
  const number = Number(`${value.digits}e${value.exponent}`);
  if (!Number.isFinite(number)) {
    return null;
  }
  if (isWhole(value) && !Number.isSafeInteger(number)) {
    return value.digits * 10n ** BigInt(value.exponent);
  }
  return number === 0 ? 0 : number;
}

/** Give the sum, exactly. */
export function add(a: IDecimal, b: IDecimal): IDecimal {
  const exponent = Math.min(a.exponent, b.exponent);
  const shifted = (value: IDecimal) => value.digits * 10n ** BigInt(value.exponent - exponent);
  return normal({ digits: shifted(a) + shifted(b), exponent });
}

/** Write it without an exponent. */
export function toText({ digits, exponent }: IDecimal): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits);
  if (exponent >= 0) {
    return sign + text + '0'.repeat(exponent);
  }
  const padded = text.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** Whether one is a whole multiple of the other. */
export function isMultiple(value: IDecimal, of: IDecimal): boolean {
  const exponent = Math.min(value.exponent, of.exponent);
  if (of.digits === 0n || Math.max(value.exponent, of.exponent) - exponent > LIMIT) {
    return true;
  }
  const shifted = (one: IDecimal) => one.digits * 10n ** BigInt(one.exponent - exponent);
  return shifted(value) % shifted(of) === 0n;
}
