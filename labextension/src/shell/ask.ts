import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { IJob, isTerminal } from '../model/wire';
import { IRunner, pathOf } from '../model/runner';
import { clean, ITrans } from '../model/words';
import { IWorkflows } from '../tokens';

/** A job younger than this is dismissed without a question. */
const YOUNG_MS = 60000;

/** Ask before something is lost; the safe answer has the focus. */
export async function ask(
  question: string,
  body: Dialog.IOptions<unknown>['body'],
  keep: string,
  act: string,
  isHarmless = false
): Promise<boolean> {
  const button = isHarmless ? Dialog.okButton : Dialog.warnButton;
  const answer = await showDialog({
    title: clean(question, 200),
    body,
    buttons: [Dialog.cancelButton({ label: keep }), button({ label: act })],
    defaultButton: 0
  });
  return answer.button.accept;
}

/** Say that something went wrong, and what to do. */
export function complain(error: unknown, trans: ITrans): void {
  const { message, problem } = error as Error & { problem?: { remedy?: string } };
  const remedy = problem?.remedy ? ` ${clean(problem.remedy, 200)}` : '';
  Notification.error(clean(message || trans.__('It did not work.'), 300) + remedy, { autoClose: false });
}

/** Dismiss a job that is live, or delete one that ended; asks where something is lost. */
export async function dismissJob(workflows: IWorkflows, jobID: string): Promise<boolean> {
  const { runner, trans, announcer } = workflows;
  try {
    const job = await runner.request<IJob>(pathOf('jobs', jobID));
    const name = clean(job.processID, 80);
    const isEnded = isTerminal(job.status);
    const isYoung = Date.now() - Date.parse(job.created) < YOUNG_MS;
    const isSure = isEnded
      ? await ask(
          trans.__('Delete %1 %2?', name, jobID.slice(0, 8)),
          trans.__('It goes from the lists, with its logs and the outputs of its steps.'),
          trans.__('Keep'),
          trans.__('Delete')
        )
      : isYoung ||
        (await ask(
          trans.__('Dismiss %1?', name),
          trans.__('It stops now. Logs and outputs of finished steps are kept.'),
          trans.__('Keep running'),
          trans.__('Dismiss')
        ));
    if (!isSure) {
      return false;
    }
    await endJob(runner, jobID);
    announcer.polite(isEnded ? trans.__('%1 deleted.', name) : trans.__('%1 dismissed.', name), jobID);
    return true;
  } catch (error) {
    complain(error, trans);
    return false;
  }
}

/** Dismiss a job that is live, or delete one that ended, and ask nothing. */
export async function endJob(runner: IRunner, jobID: string): Promise<void> {
  await runner.request(pathOf('jobs', jobID), { method: 'DELETE' });
}

/** Restart the user's own runner; asks while jobs are live, which go on. */
export async function restartRunner({ workspace, trans }: IWorkflows): Promise<boolean> {
  const count = workspace.liveTotal;
  const isSure =
    count === 0 ||
    (await ask(
      trans.__('Restart the runner?'),
      trans._n(
        '%1 live job goes on: what runs is not interrupted, and the next runner takes it over.',
        '%1 live jobs go on: what runs is not interrupted, and the next runner takes them over.',
        count
      ),
      trans.__('Leave it'),
      trans.__('Restart'),
      true
    ));
  if (isSure) {
    await workspace.restart();
    if (workspace.status?.state === 'ready' || workspace.status?.state === 'starting') {
      Notification.success(trans.__('The runner was restarted.'), { autoClose: 5000 });
    } else {
      complain(new Error(workspace.status?.message || trans.__('The runner did not start.')), trans);
    }
  }
  return isSure;
}

/** Undeploy a process, after asking. */
export async function undeployProcess(workflows: IWorkflows, processID: string): Promise<boolean> {
  const { runner, trans } = workflows;
  const name = clean(processID, 80);
  try {
    const query = new URLSearchParams({ processID, limit: '1' });
    const { numberMatched: count = 0 } = await runner.request<{ numberMatched?: number }>(`jobs?${query}`);
    const isSure = await ask(
      trans.__('Undeploy %1?', name),
      count > 0
        ? trans._n('Its %1 job and its results stay.', 'Its %1 jobs and their results stay.', count)
        : trans.__('It has no jobs.'),
      trans.__('Keep'),
      trans.__('Undeploy')
    );
    if (isSure) {
      await runner.request(pathOf('processes', processID), { method: 'DELETE' });
      workflows.announcer.polite(trans.__('%1 undeployed.', name), processID);
    }
    return isSure;
  } catch (error) {
    complain(error, trans);
    return false;
  }
}
