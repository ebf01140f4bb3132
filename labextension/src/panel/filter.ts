import { ITrans } from '../model/words';
import { JobStatus, isTerminal } from '../model/wire';

/** How far back a list of jobs goes. */
export type Span = 'hour' | 'day' | 'week' | 'month';

/** What the lists are narrowed by. */
export interface IFilter {
  query: string;
  status: readonly JobStatus[];
  process: string | null;
  span: Span | null;
}

export const NO_FILTER: IFilter = { query: '', status: [], process: null, span: null };
export const ENDS: readonly JobStatus[] = ['successful', 'failed', 'dismissed'];
export const STATUSES: readonly JobStatus[] = ['accepted', 'running', ...ENDS];
export const SPANS: readonly Span[] = ['hour', 'day', 'week', 'month'];
const HOURS: Record<Span, number> = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 };

/** Whether there is more to it than the text of the search. */
export function hasChips(filter: IFilter): boolean {
  return filter.status.length > 0 || filter.process !== null || filter.span !== null;
}

export function isNarrowed(filter: IFilter): boolean {
  return filter.query.trim() !== '' || hasChips(filter);
}

/** Give the states of a list, live or ended, that the filter lets through. */
export function statusesOf(filter: IFilter, isLive: boolean): JobStatus[] {
  const wanted = filter.status.length > 0 ? filter.status : STATUSES;
  return wanted.filter(status => isTerminal(status) !== isLive);
}

/** Give the path of a page of jobs; null when nothing can match. */
export function jobsPath(
  filter: IFilter,
  isLive: boolean,
  limit: number,
  behind: string | null,
  now: number
): string | null {
  const statuses = statusesOf(filter, isLive);
  if (statuses.length === 0) {
    return null;
  }
  const query = new URLSearchParams({ limit: String(limit), status: statuses.join(',') });
  if (filter.query.trim()) {
    query.set('q', filter.query.trim());
  }
  if (filter.process !== null) {
    query.set('processID', filter.process);
  }
  if (filter.span !== null) {
    query.set('datetime', `${new Date(now - HOURS[filter.span] * 3600000).toISOString()}/..`);
  }
  if (behind !== null) {
    query.set('behind', behind);
  }
  return `jobs?${query}`;
}

export function spanWords(span: Span, trans: ITrans): string {
  const words: Record<Span, string> = {
    hour: trans.__('Last hour'),
    day: trans.__('Last 24 hours'),
    week: trans.__('Last 7 days'),
    month: trans.__('Last 30 days')
  };
  return words[span];
}
