import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { place } from '../shell/place';
import { CommandIDs, IWorkflows } from '../tokens';
import { addPageShapes } from './shapes';
import { TABS } from './view';
import { JobPage } from './widget';

const OPEN_JOB = {
  type: 'object',
  required: ['jobID'],
  properties: {
    jobID: { type: 'string', description: 'Id of the job' },
    tab: { type: 'string', enum: [...TABS] },
    step: { type: 'string', description: 'Path or name of a step, which is selected' },
    path: { type: 'string', description: 'Path of a result, which is shown' }
  }
};

/** One main-area tab for each job that is looked at. */
export const page: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:page',
  description: 'The page of a job: graph, logs, results.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [ILayoutRestorer],
  activate: (app: JupyterFrontEnd, workflows: IWorkflows, restorer: ILayoutRestorer | null) => {
    const { trans } = workflows;
    addPageShapes();
    const tracker = new WidgetTracker<MainAreaWidget<JobPage>>({ namespace: 'eodh-job' });
    app.commands.addCommand(CommandIDs.openJob, {
      label: trans.__('Open Job'),
      caption: trans.__('Show the graph, logs and results of a job'),
      describedBy: { args: OPEN_JOB },
      isEnabled: args => args.jobID === undefined || typeof args.jobID === 'string',
      execute: args => {
        const jobID = String(args.jobID ?? '').trim();
        if (!jobID) {
          return;
        }
        let found = tracker.find(widget => widget.content.view.jobID === jobID);
        if (found) {
          found.content.view.go(args);
        } else {
          const content = new JobPage(workflows, app.commands, jobID, args);
          const opened = new MainAreaWidget({ content });
          opened.id = `eodh-job-${jobID}`;
          opened.toolbar.hide();
          content.view.changed.connect(() => void tracker.save(opened));
          void tracker.add(opened);
          found = opened;
        }
        place(app.shell, found, 'eodh-job');
        return found;
      }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openJob,
      args: widget => ({ jobID: widget.content.view.jobID, ...widget.content.view.place }),
      name: widget => widget.content.view.jobID
    });
  }
};
