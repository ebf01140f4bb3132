import { duration, memory } from '../model/format';
import { clean, ITrans } from '../model/words';
import { isTerminal, JobStatus } from '../model/wire';
import { countOf, IRow } from './rows';

/** Give the state of a row in words. */
export function rowWord(row: IRow, status: JobStatus, trans: ITrans): string {
  const [done, known] = countOf(row);
  const share = known > 1 ? ` ${done}/${known}` : '';
  const failed = row.runs.filter(step => step.state === 'failed');
  const attempt = Math.max(1, ...row.runs.map(step => step.attempt ?? 1));
  if (row.waitsFor.length > 0) {
    const names = row.waitsFor.slice(0, 3).map(name => clean(name, 40));
    return trans.__('Waits for %1', names.join(', '));
  }
  switch (row.state) {
    case 'waiting':
      return row.runs.length === 0
        ? trans.__('Not started')
        : known > 1
          ? trans.__('Waiting')
          : trans.__('Waits for a free core');
    case 'held':
      return clean(row.reason ?? trans.__('Held up'), 120);
    case 'running':
      return known > 1
        ? trans.__('Running') + share
        : attempt > 1
          ? trans.__('Running, try %1', attempt)
          : trans.__('Running');
    case 'failed':
      if (known > 1) {
        return trans.__('Failed %1 of %2', failed.length, known);
      }
      return failed[0]?.exit_code != null
        ? trans.__('Failed, code %1', failed[0].exit_code)
        : trans.__('Failed');
    case 'done':
      return trans.__('Done');
    case 'reused':
      return trans.__('Reused');
    case 'skipped':
      return trans.__('Skipped');
    case 'dismissed':
      return trans.__('Dismissed');
    default:
      return isTerminal(status) ? trans.__('Not run') : trans.__('Not started');
  }
}

/** Give the icon of a row. */
export function rowIcon(row: IRow): string {
  const isAhead = row.state === 'waiting' && row.runs.length === 0 && row.waitsFor.length === 0;
  return isAhead ? 'accepted' : row.state;
}

/** Give how long a row took, or takes, in words. */
export function rowTime(row: IRow, now: number): string {
  const own = row.runs.length === 1 ? row.runs[0] : null;
  if (own?.state === 'reused') {
    return duration(0);
  }
  if (own && own.wall_s != null && own.state !== 'running') {
    return duration(own.wall_s);
  }
  const starts = row.runs.flatMap(step => (step.started ? [Date.parse(step.started)] : []));
  if (starts.length === 0) {
    return '';
  }
  const isOver = row.runs.every(step => !step.started || step.finished || step.state === 'dismissed');
  const ends = row.runs.flatMap(step => (step.finished ? [Date.parse(step.finished)] : []));
  if (isOver && ends.length === 0) {
    return '';
  }
  return duration(((isOver ? Math.max(...ends) : now) - Math.min(...starts)) / 1000);
}

/** Give the memory of a row: "614 MiB of 2 GiB". */
export function rowMemory(row: IRow, trans: ITrans): string {
  const peak = Math.max(0, ...row.runs.map(step => step.peak_ram_mib ?? 0));
  const asked = Math.max(0, ...row.runs.map(step => step.ram_mib ?? 0));
  if (!asked && !peak) {
    return '';
  }
  return !peak ? memory(asked) : asked ? trans.__('%1 of %2', memory(peak), memory(asked)) : memory(peak);
}
