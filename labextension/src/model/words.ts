import { duration, percent, timeLeft } from './format';
import { Held } from './stream';
import { IFailure, IJob, IStep, JobStatus } from './wire';

/** The part of JupyterLab's TranslationBundle that the product uses. */
export interface ITrans {
  __(message: string, ...args: any[]): string;
  _n(singular: string, plural: string, count: number, ...args: any[]): string;
}

/** For front ends without a translator. */
export const english: ITrans = {
  __: fill,
  _n: (singular, plural, count, ...args) => fill(count === 1 ? singular : plural, count, ...args)
};

function fill(message: string, ...args: any[]): string {
  return message.replace(/%(\d+)/g, (_, place) => String(args[Number(place) - 1] ?? ''));
}

/** Make text from outside harmless in layout: no controls, no direction marks, one line. */
export function clean(text: unknown, limit = 500): string {
  const line = String(text ?? '')
    // eslint-disable-next-line no-control-regex
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

/** Say why nothing is tried, and what to do. */
export function heldReason(held: Held, trans: ITrans): string {
  return held === 'signed-out'
    ? trans.__('You are signed out. Sign in and come back to this window.')
    : trans.__('The server extension is not enabled; the Workflows panel says how to enable it.');
}

export function statusWord(status: JobStatus, trans: ITrans): string {
  const words: Record<JobStatus, string> = {
    accepted: trans.__('Accepted'),
    running: trans.__('Running'),
    successful: trans.__('Successful'),
    failed: trans.__('Failed'),
    dismissed: trans.__('Dismissed')
  };
  return words[status] ?? status;
}

/** Give the facts of a job's second line, behind the word of its state. */
export function jobFacts(job: IJob, trans: ITrans, now: number = Date.now()): string[] {
  const facts: string[] = [];
  const took = seconds(job, now);
  if (job.status === 'accepted') {
    if (job.jobs_ahead) {
      facts.push(trans._n('%1 job ahead of this one', '%1 jobs ahead of this one', job.jobs_ahead));
    }
  } else if (job.status === 'running') {
    facts.push(percent(Math.min(99, job.progress ?? 0)));
    if (job.time_left_s !== undefined) {
      facts.push(trans.__('about %1 left', timeLeft(job.time_left_s)));
    }
    if (job.current) {
      facts.push(clean(job.current, 80));
    }
  } else if (job.status === 'failed') {
    if (job.failure) {
      facts.push(clean(job.failure.message, 200).replace(/\.$/, ''));
    }
    if (took !== null) {
      facts.push(trans.__('after %1', duration(took)));
    }
  } else if (job.status === 'successful') {
    if (took !== null) {
      facts.push(duration(took));
    }
    if (job.steps?.reused) {
      const run = job.steps.done - job.steps.reused;
      facts.push(
        trans._n('%1 step reused', '%1 steps reused', job.steps.reused) + ', ' + trans.__('%1 run', run)
      );
    }
  } else if (took !== null) {
    facts.push(trans.__('after %1', duration(took)));
  }
  return facts;
}

/** Give how long a job has run, or ran, in seconds; null before it started. */
export function seconds(job: IJob, now: number = Date.now()): number | null {
  const start = job.started ?? (job.finished ? job.created : undefined);
  if (!start) {
    return null;
  }
  const end = job.finished ? Date.parse(job.finished) : now;
  return Math.max(0, (end - Date.parse(start)) / 1000);
}

export function stepWord(step: IStep, trans: ITrans): string {
  const words: Record<string, string> = {
    waiting: trans.__('waiting'),
    running: trans.__('running'),
    done: trans.__('done'),
    reused: trans.__('reused'),
    failed: trans.__('failed'),
    dismissed: trans.__('dismissed')
  };
  return words[step.state] ?? step.state;
}

/** Give what the explanation of a failure says, top to bottom. */
export function failureWords(
  failure: IFailure,
  trans: ITrans
): { heading: string; line: string | null; remedy: string } {
  return {
    heading: clean(failure.message),
    line: failure.log_line ? clean(failure.log_line, 600) : null,
    remedy: clean(failure.remedy) || trans.__('Read the log of the step.')
  };
}

/** Give the text of a report that a person sends to whoever can help. */
export function report(job: IJob): string {
  const { failure } = job;
  const lines = [
    `Job ${job.jobID} of ${job.processID}` + (job.revision ? `, revision ${job.revision}` : ''),
    `${job.status}, launched ${job.created}, ended ${job.finished ?? 'not yet'}`
  ];
  if (failure) {
    lines.push(`Class: ${failure.class}`, `What: ${failure.message}`);
    lines.push(...(failure.step ? [`Step: ${failure.step}`] : []));
    lines.push(...(failure.exit_code != null ? [`Exit code: ${failure.exit_code}`] : []));
    lines.push(...(failure.log_line ? [`Log: ${failure.log_line}`] : []));
    lines.push(`To fix it: ${failure.remedy}`);
  }
  return lines.map(line => clean(line, 2000)).join('\n');
}
