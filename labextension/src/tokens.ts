import { Token } from '@lumino/coreutils';
import { Jobs } from './model/job';
import { Runner } from './shell/lab-runner';
import { PageStream } from './shell/page-stream';
import { ITrans } from './model/words';
import { Workspace } from './model/workspace';
import { Announcer } from './ui/announce';

/** What all views of the page share. */
export interface IWorkflows {
  readonly runner: Runner;
  readonly stream: PageStream;
  readonly jobs: Jobs;
  readonly workspace: Workspace;
  readonly trans: ITrans;
  readonly announcer: Announcer;
}

export const IWorkflows = new Token<IWorkflows>(
  '@eodh/jupyterlab-workflows:IWorkflows',
  'The runner, its events and its jobs, as the views of this page share them.'
);

/** Commands by which the views reach each other; each is added by the view that it opens. */
export const CommandIDs = {
  /** Show the side panel; `{query?}`. */
  openPanel: 'eodh:open-panel',
  /** Open a job's page; `{jobID, tab?: overview|log|results|inputs|resources|provenance, step?, path?}`. */
  openJob: 'eodh:open-job',
  /** Open the launch form; `{processID, fromJob?}` where `fromJob` pre-fills it. */
  launchProcess: 'eodh:launch-process',
  /** Dismiss a job, asking where something is lost; `{jobID}`. */
  dismissJob: 'eodh:dismiss-job',
  /** Undeploy a process, after asking; `{processID}`. */
  undeployProcess: 'eodh:undeploy-process',
  /**
   * Deploy a document; `{path}` of a file, `{url}`, or `{text, name}`; `{file: true}` and an empty `url` ask
   * for one; without: the active editor. `{launch: true}` opens the launch form then.
   */
  deployProcess: 'eodh:deploy-process',
  /** Insert code below the active cell and focus it; `{code}`. */
  insertCode: 'eodh:insert-code',
  /** Copy text to the clipboard and say so; `{text}`. */
  copyText: 'eodh:copy-text',
  /** Say what is wrong with a document, and deploy nothing; arguments as for deployProcess. */
  checkWorkflow: 'eodh:check-workflow',
  /** Make a new `.cwl` file and open it; `{cwd?}`. */
  newWorkflow: 'eodh:new-workflow',
  /** Make the example's file, deploy it and open its launch form. */
  tryExample: 'eodh:try-example',
  /** End the runner and start the next, asking while jobs are live. */
  restartRunner: 'eodh:restart-runner',
  /** Show the last lines of the runner's log. */
  showRunnerLog: 'eodh:show-runner-log',
  /** Show a process' document; `{processID}`. */
  showCwl: 'eodh:show-cwl'
} as const;
