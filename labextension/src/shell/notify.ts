import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { duration } from '../model/format';
import { IEvent, IJob } from '../model/wire';
import { clean, seconds } from '../model/words';
import { CommandIDs, IWorkflows } from '../tokens';

const ID = '@eodh/jupyterlab-workflows:notify';
const CLOSE_MS = 5000;
/** Parts of a job's way that are told. */
const MARKS = [25, 50, 75];

interface IChoices {
  notifications: boolean;
  notifyAfter: number;
}

/** Tells of jobs that this page launched: to screen readers, and in notifications. */
export const notify: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Notifications and announcements of jobs.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [ISettingRegistry],
  activate: (app: JupyterFrontEnd, workflows: IWorkflows, registry: ISettingRegistry | null) => {
    const { workspace, announcer, trans } = workflows;
    let choices: IChoices = { notifications: true, notifyAfter: 20 };
    void registry?.load(ID).then(settings => {
      const apply = () => (choices = settings.composite as unknown as IChoices);
      settings.changed.connect(apply);
      apply();
    });

    // Launched by a form of this page, or shown by it since it was accepted.
    const isOwn = (jobID: string) =>
      workspace.launched.has(jobID) || (workspace.accepted.has(jobID) && viewsOf(jobID).length > 0);

    /** Marks that were told, by job. */
    const told = new Map<string, number>();
    workspace.told.connect((_, event: IEvent) => {
      const { jobID, kind, data } = event;
      if (jobID === null || !isOwn(jobID)) {
        return;
      }
      const name = clean(data.process_id ?? workspace.live.find(job => job.jobID === jobID)?.processID, 80);
      if (kind === 'job' && (data.status === 'accepted' || data.status === 'running')) {
        announcer.polite(
          data.status === 'accepted' ? trans.__('%1 accepted.', name) : trans.__('%1 running.', name),
          jobID
        );
      } else if (kind === 'progress') {
        const mark = MARKS.filter(part => part <= data.progress).pop() ?? 0;
        if (mark > (told.get(jobID) ?? 0)) {
          told.set(jobID, mark);
          announcer.polite(trans.__('%1, %2 percent.', name, mark), jobID);
        }
      }
    });

    workspace.ended.connect((_, job: IJob) => {
      told.delete(job.jobID);
      if (!isOwn(job.jobID)) {
        return;
      }
      const name = clean(job.processID, 80);
      const took = seconds(job) ?? 0;
      if (job.status === 'failed') {
        announcer.assertive(trans.__('%1 failed: %2', name, clean(job.failure?.message, 200)));
      } else {
        announcer.polite(
          job.status === 'successful' ? trans.__('%1 successful.', name) : trans.__('%1 dismissed.', name),
          job.jobID
        );
      }
      if (choices.notifications && took >= choices.notifyAfter && !isSeen(job.jobID)) {
        show(job, name, took);
      }
    });

    const show = (job: IJob, name: string, took: number) => {
      const { jobID, processID } = job;
      const action = (label: string, command: string, args: Record<string, string>) => ({
        label,
        callback: () => void app.commands.execute(command, { jobID, ...args })
      });
      if (job.status === 'successful') {
        Notification.success(trans.__('%1 is done, %2', name, duration(took)), {
          autoClose: CLOSE_MS,
          actions: [action(trans.__('Open results'), CommandIDs.openJob, { tab: 'results' })]
        });
      } else if (job.status === 'failed') {
        Notification.error(trans.__('%1 failed: %2', name, whyOf(job.failure)), {
          autoClose: false,
          actions: [
            action(trans.__('Open log'), CommandIDs.openJob, {
              tab: 'log',
              ...(job.failure?.step && { step: job.failure.step })
            }),
            action(trans.__('Run again with changes…'), CommandIDs.launchProcess, {
              processID,
              fromJob: jobID
            })
          ]
        });
      }
    };
  }
};

/** What failed, and what to do; of a command, what it said last, which its remedy speaks of. */
function whyOf(failure: IJob['failure']): string {
  const { message, remedy, log_line } = failure ?? {};
  const more = failure?.class === 'command' ? log_line : remedy;
  const [what, then] = [clean(message, 200), clean(more, 200)];
  return then ? `${what.replace(/\.$/, '')}. ${then}` : what;
}

/** Whether a card or page of the job is in view. */
export function isSeen(jobID: string): boolean {
  if (document.hidden) {
    return false;
  }
  return viewsOf(jobID).some(view => {
    const { top, bottom, left, right } = view.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, Math.min(bottom, Math.max(top, 0) + 20)];
    const isInside = bottom > 0 && top < window.innerHeight && right > 0 && left < window.innerWidth;
    return isInside && view.offsetParent !== null && isOnTop(view, x, y);
  });
}

/** Give the cards and pages of a job: they bear its id as `data-eodh-job`. */
function viewsOf(jobID: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[data-eodh-job="${CSS.escape(jobID)}"]`)];
}

/** Whether nothing of another view lies over a place of the view. */
function isOnTop(view: HTMLElement, x: number, y: number): boolean {
  const found = document.elementFromPoint(x, y);
  return found === null || view.contains(found) || found.contains(view);
}
