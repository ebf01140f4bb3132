const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?$/;

/** Give the date when it is one of the calendar, else null. */
export function parseDate(text: string): string | null {
  const found = DATE.exec(text.trim());
  if (!found) {
    return null;
  }
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? found[0] : null;
}

/** Give the time as RFC 3339 has it, UTC where no zone is told; null when it is none. A date alone is its midnight. */
export function parseDateTime(text: string): string | null {
  const date = parseDate(text);
  if (date) {
    return `${date}T00:00:00Z`;
  }
  const found = TIME.exec(text.trim());
  if (!found || !parseDate(found[1])) {
    return null;
  }
  const [, day, hours, minutes, seconds = '00', part = '', zone = 'Z'] = found;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    return null;
  }
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  if (offset !== 'Z' && (Number(offset.slice(1, 3)) > 23 || Number(offset.slice(4)) > 59)) {
    return null;
  }
  return `${day}T${hours}:${minutes}:${seconds}${part}${offset}`;
}

/** Write a date or time as people read it, in UTC: "1 July 2024", "1 July 2024, 10:00 UTC". */
export function inWords(moment: string): string {
  const hasTime = moment.includes('T');
  const date = new Date(hasTime ? moment : `${moment}T00:00:00Z`);
  const month = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' }).format(date);
  const day = `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
  return hasTime ? `${day}, ${date.toISOString().slice(11, date.getUTCSeconds() ? 19 : 16)} UTC` : day;
}

/** Whether one date or time is before another. */
export function isBefore(one: string, other: string): boolean {
  return Date.parse(one) < Date.parse(other);
}
