import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { CommandIDs, IWorkflows } from '../tokens';
import { WorkflowPanel } from './panel';

export const panel: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:panel',
  description: 'A side panel with processes and jobs.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    workflows: IWorkflows,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const { trans } = workflows;
    const widget = new WorkflowPanel(workflows);
    app.shell.add(widget, 'left', { rank: 600 });
    restorer?.add(widget, widget.id);
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show Workflows'),
      caption: trans.__('Show the panel with processes and jobs'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => app.shell.activateById(widget.id)
    });
    palette?.addItem({ command: CommandIDs.openPanel, category: trans.__('Workflows') });
  }
};
