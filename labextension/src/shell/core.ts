import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Jobs } from '../model/job';
import { Workspace } from '../model/workspace';
import { Runner } from './lab-runner';
import { PageStream } from './page-stream';
import { IWorkflows } from '../tokens';
import { Announcer } from '../ui/announce';

/** What all views of the page share: one runner, one stream, one model for each job. */
export const core: JupyterFrontEndPlugin<IWorkflows> = {
  id: '@eodh/jupyterlab-workflows:core',
  description: 'The connection to the runner that all views share.',
  autoStart: true,
  provides: IWorkflows,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): IWorkflows => {
    const settings = app.serviceManager.serverSettings;
    const runner = new Runner(settings);
    const stream = new PageStream(settings);
    const workspace = new Workspace(runner, stream);
    void app.restored.then(() => workspace.follow());
    return {
      runner,
      stream,
      jobs: new Jobs(runner, stream),
      workspace,
      trans: (translator ?? nullTranslator).load('eodh_jupyter'),
      announcer: new Announcer()
    };
  }
};
