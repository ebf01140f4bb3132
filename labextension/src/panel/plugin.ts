import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { CommandIDs, IWorkflows } from '../tokens';
import { PanelContext, Section } from './context';
import { PanelModel } from './model';
import { WorkflowPanel } from './widget';

const ID = '@eodh/jupyterlab-workflows:panel';
const FOLDED = 'eodh-panel:folded';

export const panel: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'A side panel with processes and jobs.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [ILayoutRestorer, ISettingRegistry, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    workflows: IWorkflows,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    state: IStateDB | null
  ) => {
    const model = new PanelModel(workflows.runner, workflows.workspace);
    const context = new PanelContext(workflows, model, app.commands, folded => {
      void state?.save(FOLDED, folded);
    });
    const widget = new WorkflowPanel(context);
    app.shell.add(widget, 'left', { rank: 600, type: 'Workflows' });
    restorer?.add(widget, widget.id);

    void state?.fetch(FOLDED).then(folded => {
      (folded as Section[] | undefined)?.forEach(section => context.folded.add(section));
      model.redraw();
    });
    void registry?.load(ID).then(settings => {
      const apply = () => {
        model.pageSize = settings.get('pageSize').composite as number;
      };
      settings.changed.connect(apply);
      apply();
    });

    app.commands.addCommand(CommandIDs.openPanel, {
      label: workflows.trans.__('Show Workflows Panel'),
      caption: workflows.trans.__('Show the panel with processes and jobs'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            query: { type: 'string', description: 'What to search for' },
            search: { type: 'boolean', description: 'Put the focus into the search field' }
          }
        }
      },
      execute: args => {
        app.shell.activateById(widget.id);
        if (typeof args.query === 'string') {
          model.narrow({ query: args.query });
        }
        if (args.search) {
          widget.node.querySelector('input')?.focus();
        }
      }
    });
  }
};
