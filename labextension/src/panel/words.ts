import { ago, duration, percent, timeLeft } from '../model/format';
import { clean, ITrans, seconds, statusWord } from '../model/words';
import { IJob, isTerminal } from '../model/wire';

export type Width = 'narrow' | 'normal' | 'wide';

/** Give how much room rows have: under 280 px they lose facts, from 340 px they gain some. */
export function widthOf(pixels: number): Width {
  return pixels < 280 ? 'narrow' : pixels < 340 ? 'normal' : 'wide';
}

/** Give the facts behind the state's word in a row. */
export function rowFacts(job: IJob, width: Width, trans: ITrans): string[] {
  if (job.status === 'accepted') {
    const ahead = job.jobs_ahead;
    return ahead ? [trans._n('%1 job ahead', '%1 jobs ahead', ahead)] : [];
  }
  if (job.status === 'running') {
    const done = percent(Math.min(99, job.progress ?? 0));
    const current = job.current ? clean(job.current, 80).replace(/ (\d+) of (\d+)$/, ' $1/$2') : '';
    return current ? (width === 'wide' ? [done, current] : [current]) : [done];
  }
  if (job.status === 'failed') {
    return [clean(job.failure?.message ?? job.message, 200)];
  }
  const took = seconds(job);
  if (job.status === 'dismissed') {
    return took === null ? [] : [trans.__('after %1', duration(took))];
  }
  const facts = took === null ? [] : [duration(took)];
  if (job.steps?.reused && width === 'wide') {
    facts.push(trans._n('%1 step reused', '%1 steps reused', job.steps.reused));
  }
  return facts;
}

/** Give the whole second line of a row. */
export function rowWords(job: IJob, width: Width, trans: ITrans): string {
  return [statusWord(job.status, trans), ...rowFacts(job, width, trans)].join(' · ');
}

/** Give what stands at the right of a row: time left, time so far, or when it ended. */
export function rowTime(job: IJob, trans: ITrans, now: number): string {
  if (job.status === 'running') {
    if (job.time_left_s !== undefined) {
      return trans.__('%1 left', timeLeft(job.time_left_s));
    }
    return duration(seconds(job, now) ?? 0);
  }
  return isTerminal(job.status) ? endTime(job, now) : ago(job.created, now);
}

/** Give when a job ended: how long ago, or under the heading of its day the time of day. */
function endTime(job: IJob, now: number): string {
  const ended = new Date(job.finished ?? job.created);
  const isToday = dayOf(ended) === dayOf(new Date(now));
  if (isToday || dayOf(ended) !== dayOf(new Date(job.created))) {
    return ago(ended.getTime(), now);
  }
  return `${String(ended.getHours()).padStart(2, '0')}:${String(ended.getMinutes()).padStart(2, '0')}`;
}

/** Give the day of a time, as one word to compare. */
export function dayOf(time: Date): string {
  return time.toDateString();
}

/** Give the heading of a day. */
export function dayWords(time: Date, trans: ITrans, now: number): string {
  const today = new Date(now);
  if (dayOf(time) === dayOf(today)) {
    return trans.__('Today');
  }
  today.setDate(today.getDate() - 1);
  if (dayOf(time) === dayOf(today)) {
    return trans.__('Yesterday');
  }
  const year = time.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return time
    .toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year })
    .replace(',', '');
}
