import { clean } from '../model/words';
import { IJob } from '../model/wire';
import { ICardHost } from './host';

interface IHeard {
  status: string;
  quarter: number;
}

/** What was seen last of each job, so that several cards of it speak once. */
const heard = new Map<string, IHeard>();

/** Say what changed since the job was first seen: its state, and 25, 50 and 75 percent. */
export function announce(host: ICardHost, job: IJob, resultCount: number | null): void {
  if (resultCount === null) {
    return;
  }
  const { trans, announcer } = host;
  const quarter = Math.floor((job.progress ?? 0) / 25);
  const before = heard.get(job.jobID);
  heard.set(job.jobID, { status: job.status, quarter });
  if (!before) {
    return;
  }
  const name = clean(job.processID, 80);
  if (before.status !== job.status) {
    if (job.status === 'failed') {
      announcer.assertive(trans.__('%1 failed: %2', name, clean(job.failure?.message, 200)));
      return;
    }
    const words: Record<string, string> = {
      accepted: trans.__('%1 accepted.', name),
      running: trans.__('%1 running.', name),
      successful: trans._n('%2 successful, %1 result.', '%2 successful, %1 results.', resultCount, name),
      dismissed: trans.__('%1 dismissed.', name)
    };
    announcer.polite(words[job.status], job.jobID);
  } else if (job.status === 'running' && quarter > before.quarter && quarter < 4) {
    announcer.polite(trans.__('%1, %2 percent.', name, quarter * 25), job.jobID);
  }
}
