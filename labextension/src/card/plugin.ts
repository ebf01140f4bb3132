import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IWorkflows } from '../tokens';
import { ICardHost } from './host';
import { CardRenderer } from './renderer';
import { MIME_TYPE } from './saved';

/** Before HTML, which is for other front ends; behind widgets. */
const RANK = 10;

export const card: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:card',
  description: 'Shows a job in the output of a cell, live.',
  autoStart: true,
  requires: [IWorkflows, IRenderMimeRegistry],
  activate: (app: JupyterFrontEnd, workflows: IWorkflows, registry: IRenderMimeRegistry) => {
    const { runner, stream, jobs, trans, announcer, workspace } = workflows;
    const host: ICardHost = {
      runner,
      stream,
      jobs,
      trans,
      announcer,
      asksInPlace: false,
      place: () => workspace.status?.runner?.executor?.name ?? null,
      has: command => app.commands.hasCommand(command),
      execute: (command, args) => void app.commands.execute(command, args),
      download: (path, name) => {
        const link = document.createElement('a');
        link.href = runner.url(path);
        link.download = name;
        link.click();
      }
    };
    registry.addFactory(
      { safe: true, mimeTypes: [MIME_TYPE], createRenderer: () => new CardRenderer(host) },
      RANK
    );
    // Other plugins may bring their commands after the first cards were drawn.
    app.commands.commandChanged.connect((_, { type }) => {
      if (type === 'added' || type === 'removed') {
        CardRenderer.live.forEach(renderer => renderer.card?.refresh());
      }
    });
  }
};
