import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRunningSessionManagers } from '@jupyterlab/running';
import { LabIcon } from '@jupyterlab/ui-components';
import { percent } from '../model/format';
import { clean, statusWord } from '../model/words';
import { CommandIDs, IWorkflows } from '../tokens';
import { shapeOf } from '../ui/icons';
import { complain, endJob } from './ask';

/** Live jobs among the running terminals and kernels. */
export const running: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:running',
  description: 'Live jobs among the running sessions.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [IRunningSessionManagers],
  activate: (app: JupyterFrontEnd, workflows: IWorkflows, managers: IRunningSessionManagers | null) => {
    const { trans, workspace, runner } = workflows;
    managers?.add({
      name: trans.__('Jobs'),
      running: () =>
        workspace.live.map(job => ({
          icon: () => ICONS[job.status === 'running' ? 'running' : 'accepted'],
          label: () => clean(job.processID, 80),
          labelTitle: () => `${clean(job.processID, 80)} ${job.jobID}`,
          detail: () =>
            job.status === 'running'
              ? percent(Math.min(99, job.progress ?? 0))
              : statusWord(job.status, trans),
          open: () => void app.commands.execute(CommandIDs.openJob, { jobID: job.jobID }),
          shutdown: () => void app.commands.execute(CommandIDs.dismissJob, { jobID: job.jobID })
        })),
      shutdownAll: () => {
        for (const { jobID } of workspace.live) {
          endJob(runner, jobID).catch(error => complain(error, trans));
        }
      },
      refreshRunning: () => void workspace.refresh(),
      runningChanged: workspace.changed,
      shutdownLabel: item => trans.__('Dismiss %1', String(item.label())),
      shutdownAllLabel: trans.__('Dismiss All'),
      shutdownAllConfirmationText: () =>
        trans._n(
          'Dismiss %1 job? It stops now. Logs and outputs of finished steps are kept.',
          'Dismiss %1 jobs? They stop now. Logs and outputs of finished steps are kept.',
          workspace.liveTotal
        )
    });
  }
};

/** Give a state's shape as JupyterLab takes icons. */
function iconOf(name: string): LabIcon {
  const shape = shapeOf(name).replace(/="currentColor"/g, '="var(--jp-ui-font-color1)"');
  return new LabIcon({
    name: `eodh:state-${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16">${shape}</svg>`
  });
}

const ICONS = { running: iconOf('running'), accepted: iconOf('accepted') };
