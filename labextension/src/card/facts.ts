import { absolute, ago, duration, memory } from '../model/format';
import { IJobState } from '../model/job';
import { ITrans } from '../model/words';
import { IStep, isTerminal } from '../model/wire';

export interface IFact {
  text: string;
  /** The whole of it, on hover. */
  title?: string;
  icon?: string;
  /** That the process was replaced since. */
  isOfRevision?: boolean;
}

/** Give what the foot of a card says. */
export function footFacts(
  { job, steps }: IJobState,
  place: string | null,
  trans: ITrans,
  now: number
): IFact[] {
  const all = [...steps.values()];
  const count = (state: string) => all.filter(step => step.state === state).length;
  const facts: IFact[] = [];
  if (place === 'local') {
    facts.push({ icon: 'computer', text: trans.__('This computer') });
  } else if (place === 'kubernetes') {
    facts.push({ icon: 'cluster', text: trans.__('Kubernetes') });
  }
  const when = (word: string, time: string | undefined) =>
    time && facts.push({ text: trans.__(word, ago(time, now)), title: absolute(time) });
  if (job.status === 'accepted') {
    when('sent %1', job.created);
    const inputs = Object.keys(job.inputs ?? {}).length;
    if (inputs) {
      facts.push({ text: trans._n('%1 input', '%1 inputs', inputs) });
    }
  } else if (job.status === 'running') {
    when('started %1', job.started);
    if (count('reused')) {
      facts.push({ text: trans._n('%1 step reused', '%1 steps reused', count('reused')) });
    }
    const running = all.filter(step => step.state === 'running');
    const cores = sum(running, 'cores');
    if (cores) {
      const held = [trans._n('%1 core', '%1 cores', cores), memory(sum(running, 'ram_mib'))];
      facts.push({ text: held.join(', '), title: trans.__('What the running steps asked for') });
    }
  } else {
    when('ended %1', job.finished);
    if (job.status === 'failed') {
      const words = [
        count('reused') && trans._n('%1 step reused', '%1 steps reused', count('reused')),
        count('done') && trans.__('%1 done', count('done')),
        count('failed') && trans.__('%1 failed', count('failed'))
      ].filter(Boolean);
      facts.push(...(words.length ? [{ text: words.join(', ') }] : []));
    } else if (job.status === 'successful') {
      const peak = Math.max(0, ...all.map(step => step.peak_ram_mib ?? 0));
      const busy = sum(all, 'cpu_s');
      const words = [
        peak && trans.__('peak %1', memory(peak)),
        busy >= 1 && trans.__('%1 of core time', duration(busy))
      ].filter(Boolean);
      facts.push(...(words.length ? [{ text: words.join(', ') }] : []));
    } else {
      const kept = count('done') + count('reused');
      facts.push({
        text: kept
          ? trans._n(
              'Logs and the outputs of %1 finished step are kept.',
              'Logs and the outputs of %1 finished steps are kept.',
              kept
            )
          : trans.__('Logs are kept.')
      });
    }
  }
  const isOutdated = job.process_revision && job.revision && job.process_revision !== job.revision;
  if (isOutdated && isTerminal(job.status)) {
    const words = 'Ran with revision %1; the deployed process is now revision %2.';
    facts.push({ isOfRevision: true, text: trans.__(words, job.revision, job.process_revision) });
  }
  return facts;
}

/** Give how a failed step was tried again and which of its parts failed. */
export function failureFacts({ steps }: IJobState, trans: ITrans): string[] {
  const failed = [...steps.values()].filter(step => step.state === 'failed');
  const words: string[] = [];
  if (failed.length > 1) {
    const names = failed.slice(0, 4).map(step => step.path);
    const more = failed.length > 4 ? trans.__(' and %1 more', failed.length - 4) : '';
    words.push(trans.__('%1 of %2 step runs failed: %3', failed.length, steps.size, names.join(', ')) + more);
  }
  const tries = Math.max(0, ...failed.map(step => step.attempt ?? 1));
  if (tries > 1) {
    words.push(trans.__('It was tried %1 times.', tries));
  }
  return words;
}

function sum(steps: IStep[], name: 'cores' | 'ram_mib' | 'cpu_s'): number {
  return steps.reduce((total, step) => total + (step[name] ?? 0), 0);
}
