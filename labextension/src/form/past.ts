import { InputDialog } from '@jupyterlab/apputils';
import { ago } from '../model/format';
import { ITrans, statusWord } from '../model/words';
import { IOrigin } from './model';
import { FormSource } from './source';

/** Let the person choose a past job to begin with; null when none was chosen. */
export async function choosePast(
  source: FormSource,
  processID: string,
  trans: ITrans
): Promise<IOrigin | 'none' | null> {
  const jobs = await source.jobs(processID).catch(() => []);
  if (jobs.length === 0) {
    return 'none';
  }
  const items = jobs.map(
    job => `${job.jobID.slice(0, 8)} · ${statusWord(job.status, trans)} · ${ago(job.created)}`
  );
  const result = await InputDialog.getItem({
    title: trans.__('Fill from a past job'),
    label: trans.__('Its inputs replace what is in the form.'),
    items,
    okLabel: trans.__('Fill')
  });
  const chosen = jobs[items.indexOf(result.value ?? '')];
  return result.button.accept && chosen ? source.origin(chosen.jobID) : null;
}
