import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog, IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';
import { IField, IRunnerState } from '../model/wire';
import { place } from '../shell/place';
import { CommandIDs, IWorkflows } from '../tokens';
import { addShapes } from '../ui/icons';
import { Drafts } from './draft';
import { formShapes } from './icons';
import { diskPath } from './places';
import { FormSource } from './source';
import { IFormServices, LaunchForm } from './widget';

const KEEP = 'eodh-form:';

/** The command that opens launch forms, restored with the layout. */
export const form: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:form',
  description: 'A form that launches a process.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [ILayoutRestorer, IDocumentManager, IDefaultFileBrowser, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    workflows: IWorkflows,
    restorer: ILayoutRestorer | null,
    documents: IDocumentManager | null,
    browser: IDefaultFileBrowser | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ) => {
    const { trans } = workflows;
    addShapes(formShapes);
    const tracker = new WidgetTracker<MainAreaWidget<LaunchForm>>({ namespace: 'eodh-form' });
    const root = serverRoot(workflows);
    const services: IFormServices = {
      workflows,
      commands: app.commands,
      source: new FormSource(workflows.runner, app.serviceManager.contents),
      root: () => root,
      browse: documents && (async field => browse(field, await root)),
      dropped: event => dropped(event),
      keep: (id, drafts) => void (drafts ? state?.save(KEEP + id, drafts as any) : state?.remove(KEEP + id)),
      kept: async id => ((await state?.fetch(KEEP + id)) as Drafts | undefined) ?? null
    };
    let knownRoot = '';
    void root.then(path => (knownRoot = path));

    async function browse(field: IField, from: string): Promise<string[] | null> {
      const kind = field.item?.kind ?? field.kind;
      const options = {
        manager: documents!,
        translator: translator ?? undefined,
        defaultPath: browser?.model.path,
        title: kind === 'directory' ? trans.__('Choose a folder') : trans.__('Choose files')
      };
      const result =
        kind === 'directory'
          ? await FileDialog.getExistingDirectory(options)
          : await FileDialog.getOpenFiles(options);
      return result.button.accept && result.value
        ? result.value.map(item => diskPath(item.path, from))
        : null;
    }

    function dropped(event: Event): string[] {
      const data = (event as Event & { mimeData: { getData(type: string): unknown } }).mimeData;
      const paths = (data.getData('application/x-jupyter-icontents') as string[] | undefined) ?? [];
      return paths.map(path => diskPath(path, knownRoot));
    }

    app.commands.addCommand(CommandIDs.launchProcess, {
      label: args =>
        args.processID ? trans.__('Launch %1…', String(args.processID)) : trans.__('Launch Process…'),
      caption: trans.__('Open the form that launches a process'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            processID: { type: 'string', description: trans.__('Process to launch; asked for when absent') },
            fromJob: { type: 'string', description: trans.__('Job whose inputs the form begins with') }
          }
        }
      },
      execute: async args => {
        const { processID } = args as { processID?: string };
        if (!processID) {
          return app.commands.execute('eodh:choose-process');
        }
        const fromJob = (args.fromJob as string | undefined) ?? null;
        const open = tracker.find(
          ({ content }) => content.processID === processID && content.fromJob === fromJob
        );
        if (open) {
          place(app.shell, open, 'eodh-form');
          return open;
        }
        const widget = new MainAreaWidget({ content: new LaunchForm(processID, fromJob, services) });
        widget.toolbar.hide();
        widget.id = `eodh-launch-${widget.content.id}`;
        await tracker.add(widget);
        place(app.shell, widget, 'eodh-form');
        return widget;
      }
    });

    void restorer?.restore(tracker, {
      command: CommandIDs.launchProcess,
      args: ({ content }) => ({
        processID: content.processID,
        ...(content.fromJob ? { fromJob: content.fromJob } : {})
      }),
      name: ({ content }) => `${content.processID}:${content.fromJob ?? ''}`
    });
  }
};

/** Give the folder that the file browser shows; the page knows it but for the name of the home folder. */
async function serverRoot(workflows: IWorkflows): Promise<string> {
  const told = PageConfig.getOption('serverRoot');
  if (told.startsWith('/')) {
    return told;
  }
  const status = await workflows.runner.request<IRunnerState>('status').catch(() => null);
  return status?.root ?? told;
}
