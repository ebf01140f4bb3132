const NBSP = '\u00a0';
const THIN = '\u202f';

/** Give a duration: "41 s", "1 min 4 s", "2 h 41 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const join = (count: number, unit: string) => `${count}${NBSP}${unit}`;
  if (whole < 60) {
    return join(whole, 's');
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    return whole % 60 ? `${join(minutes, 'min')} ${join(whole % 60, 's')}` : join(minutes, 'min');
  }
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${join(hours, 'h')} ${join(minutes % 60, 'min')}` : join(hours, 'h');
}

/** Give a measured time, which may be short: "0.5 s", else as a duration. */
export function measured(seconds: number): string {
  return seconds < 9.95 ? `${Math.max(0, seconds).toFixed(1)}${NBSP}s` : duration(seconds);
}

/** Give the time left, rounded up to 10 s, 1 min, 5 min, 1 h as it grows. */
export function timeLeft(seconds: number): string {
  const unit = seconds <= 50 ? 10 : seconds <= 600 ? 60 : seconds <= 7200 ? 300 : 3600;
  return duration(Math.max(1, Math.ceil(seconds / unit)) * unit);
}

/** Give how long ago it was: "12 s ago", "2 h ago", "yesterday 16:20", "12 Mar 2026". */
export function ago(time: string | number, now: number = Date.now()): string {
  const then = new Date(time);
  const seconds = Math.max(0, Math.floor((now - then.getTime()) / 1000));
  if (seconds < 60) {
    return `${seconds}${NBSP}s ago`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}${NBSP}min ago`;
  }
  const today = new Date(now);
  today.setHours(0, 0, 0, 0);
  if (then >= today || seconds < 6 * 3600) {
    return `${Math.floor(seconds / 3600)}${NBSP}h ago`;
  }
  const yesterday = new Date(today.getTime() - 86400000);
  if (then >= yesterday) {
    return `yesterday ${clock(then)}`;
  }
  return `${then.getDate()} ${month(then)} ${then.getFullYear()}`;
}

/** Give the whole time with its zone: "25 Nov 2026, 10:42:11 GMT". */
export function absolute(time: string | number): string {
  const then = new Date(time);
  const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
    .formatToParts(then)
    .find(part => part.type === 'timeZoneName');
  const seconds = String(then.getSeconds()).padStart(2, '0');
  return (
    `${then.getDate()} ${month(then)} ${then.getFullYear()}, ` +
    `${clock(then)}:${seconds} ${zone?.value ?? ''}`.trim()
  );
}

/** Give a size of a file, decimal: "812 B", "3.4 kB", "1.2 MB". */
export function fileSize(bytes: number): string {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** Give a size of memory, binary, from MiB: "512 MiB", "1.5 GiB". */
export function memory(mebibytes: number): string {
  return mebibytes < 1
    ? `${Math.ceil(mebibytes * 1024)}${NBSP}KiB`
    : scaled(mebibytes, 1024, ['MiB', 'GiB', 'TiB']);
}

/** Give a whole number with narrow spaces between its thousands. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

export function percent(value: number): string {
  return `${Math.floor(value)}${NBSP}%`;
}

function scaled(value: number, base: number, units: string[]): string {
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  const text = unit === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
  return `${text}${NBSP}${units[unit]}`;
}

function clock(time: Date): string {
  return `${String(time.getHours()).padStart(2, '0')}:${String(time.getMinutes()).padStart(2, '0')}`;
}

function month(time: Date): string {
  return 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[time.getMonth()];
}
