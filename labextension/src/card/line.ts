import { absolute, ago, duration, percent } from '../model/format';
import { clean, ITrans, jobFacts, seconds, statusWord } from '../model/words';
import { IJob } from '../model/wire';

/** What the first lines of a card say. */
export interface IHeadline {
  icon: string;
  word: string;
  facts: string[];
}

export function jobHeadline(
  job: IJob,
  held: { name: string; since: number } | null,
  isOld: boolean,
  trans: ITrans,
  now: number
): IHeadline {
  const word = statusWord(job.status, trans);
  if (isOld) {
    const took = seconds(job, now);
    const facts = took === null ? [day(job)] : [day(job), duration(took)];
    return { icon: job.status, word, facts };
  }
  if (held && job.status === 'running' && !job.steps?.running) {
    const waits = trans.__('%1 waits, %2', clean(held.name, 40), duration((now - held.since) / 1000));
    return { icon: 'held', word, facts: [percent(Math.min(99, job.progress ?? 0)), waits] };
  }
  return { icon: job.status, word, facts: jobFacts(job, trans, now) };
}

export function lostLine(job: IJob, seenAt: number, trans: ITrans, now: number): IHeadline {
  const last = [trans.__('last seen %1', statusWord(job.status, trans).toLowerCase())];
  if (job.status === 'running') {
    last.push(percent(Math.min(99, job.progress ?? 0)));
  }
  last.push(ago(seenAt, now));
  return { icon: 'offline', word: trans.__('Reconnecting'), facts: [last.join(', ')] };
}

export function unknownLine(job: IJob, savedAt: string | null, trans: ITrans): IHeadline {
  const word = statusWord(job.status, trans).toLowerCase();
  const fact = trans.__('saved as %1 on %2', word, absolute(savedAt ?? job.created).split(',')[0]);
  return { icon: 'offline', word: trans.__('Not found'), facts: [fact] };
}

function day(job: IJob): string {
  return absolute(job.finished ?? job.created).split(',')[0];
}
