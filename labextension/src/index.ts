import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { WorkflowPanel } from './panel';

const OPEN = 'eodh:open-panel';

const plugin: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:panel',
  description: 'A side panel with processes and jobs.',
  autoStart: true,
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('eodh_jupyter');
    const settings = app.serviceManager.serverSettings;
    const panel = new WorkflowPanel({ settings, trans });
    app.shell.add(panel, 'left', { rank: 600 });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(OPEN, {
      label: trans.__('Show Workflows'),
      caption: trans.__('Show the panel with processes and jobs'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(panel.id)
    });
    palette?.addItem({ command: OPEN, category: trans.__('Workflows') });
  }
};

export default plugin;
