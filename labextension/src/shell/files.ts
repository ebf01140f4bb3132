import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { CommandIDs, IWorkflows } from '../tokens';
import { cwlIcon } from '../ui/lab-icon';
import { NO_ARGUMENTS } from './arguments';

const MIME = 'application/cwl+yaml';

/** Files of CWL: their type, their place in the file browser and in the launcher. */
export const files: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:files',
  description: 'The file type of CWL, what can be done with its files, and the launcher card.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [IFileBrowserFactory, IEditorLanguageRegistry, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    workflows: IWorkflows,
    browsers: IFileBrowserFactory | null,
    languages: IEditorLanguageRegistry | null,
    launcher: ILauncher | null
  ) => {
    const { trans } = workflows;
    const { commands } = app;
    app.docRegistry.addFileType({
      name: 'cwl',
      displayName: trans.__('CWL Workflow'),
      extensions: ['.cwl'],
      mimeTypes: [MIME],
      contentType: 'file',
      fileFormat: 'text',
      icon: cwlIcon
    });
    const yaml = languages?.findByName('yaml');
    if (languages && yaml) {
      languages.addLanguage({
        name: 'CWL',
        displayName: trans.__('CWL'),
        mime: MIME,
        extensions: ['cwl'],
        load: async () => yaml.support ?? (await languages.getLanguage(yaml))!.support!
      });
    }

    if (browsers) {
      const chosen = () =>
        [...(browsers.tracker.currentWidget?.selectedItems() ?? [])].filter(item =>
          /\.cwl$/i.test(item.path)
        );
      const add = (id: string, label: string, command: string, args: Record<string, any> = {}) =>
        commands.addCommand(id, {
          label,
          describedBy: NO_ARGUMENTS,
          isVisible: () => chosen().length > 0,
          execute: async () => {
            for (const { path } of chosen()) {
              await commands.execute(command, { path, ...args });
            }
          }
        });
      add('eodh:deploy-file', trans.__('Deploy as Process'), CommandIDs.deployProcess);
      add('eodh:deploy-and-launch-file', trans.__('Deploy and Launch…'), CommandIDs.deployProcess, {
        launch: true
      });
      add('eodh:check-file', trans.__('Check This Workflow'), CommandIDs.checkWorkflow);
    }

    launcher?.add({
      command: 'eodh:choose-process',
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 10
    });
  }
};
