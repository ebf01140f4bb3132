import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, MainAreaWidget } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog, IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { fileIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { pathOf } from '../model/runner';
import { IJob, IProcess, IStep } from '../model/wire';
import { clean } from '../model/words';
import { CommandIDs, IWorkflows } from '../tokens';
import { cwlIcon, processIcon } from '../ui/lab-icon';
import { NO_ARGUMENTS, texts } from './arguments';
import { complain, dismissJob, restartRunner, undeployProcess } from './ask';
import { Deployer } from './deploy';
import { EXAMPLE, EXAMPLE_FILE, EXAMPLE_ID } from './example';
import { copyText, insertCode } from './insert';
import { place } from './place';
import { ISource, Sources } from './source';

/** Entries of the palette, besides those of other views. */
const PALETTE: [string, Record<string, any>?][] = [
  ['eodh:choose-process'],
  [CommandIDs.deployProcess],
  [CommandIDs.deployProcess, { file: true }],
  [CommandIDs.deployProcess, { url: '' }],
  [CommandIDs.checkWorkflow],
  [CommandIDs.newWorkflow],
  [CommandIDs.tryExample],
  ['eodh:find-job'],
  ['eodh:open-last-job'],
  ['eodh:open-failed-log'],
  ['eodh:rerun-last-job'],
  [CommandIDs.dismissJob],
  [CommandIDs.openPanel],
  ['eodh:start-runner'],
  [CommandIDs.restartRunner],
  [CommandIDs.showRunnerLog]
];

export const commands: JupyterFrontEndPlugin<void> = {
  id: '@eodh/jupyterlab-workflows:commands',
  description: 'What can be done with processes, jobs and documents, as commands.',
  autoStart: true,
  requires: [IWorkflows],
  optional: [ICommandPalette, IDocumentManager, INotebookTracker, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    workflows: IWorkflows,
    palette: ICommandPalette | null,
    documents: IDocumentManager | null,
    notebooks: INotebookTracker | null,
    browser: IDefaultFileBrowser | null
  ) => {
    const { trans, runner, workspace } = workflows;
    const sources = new Sources(app, documents, notebooks);
    const deployer = new Deployer(workflows, app.commands);
    const add = app.commands.addCommand.bind(app.commands);
    const cwd = () => browser?.model.path ?? '';
    const run = async (id: string, args: Record<string, any>) =>
      app.commands.hasCommand(id) ? app.commands.execute(id, args) : undefined;

    /** Give the documents that a command's arguments name, asking where they ask to. */
    const find = async (args: Record<string, any>): Promise<ISource[]> => {
      if (typeof args.text === 'string') {
        return [{ name: String(args.name ?? 'document'), text: args.text }];
      }
      if (typeof args.path === 'string') {
        return [await sources.file(args.path)];
      }
      if (typeof args.url === 'string') {
        const url = args.url || (await askUrl());
        return url ? [{ name: url, url }] : [];
      }
      if (args.file === true && documents) {
        const answer = await FileDialog.getOpenFiles({
          manager: documents,
          title: trans.__('Deploy which file?'),
          defaultPath: cwd(),
          filter: model => (model.type === 'directory' || isCwl(model.path) ? {} : null)
        });
        const files = (answer.value ?? []).filter(model => model.type !== 'directory');
        return answer.button.accept ? Promise.all(files.map(model => sources.file(model.path))) : [];
      }
      const found = await sources.active();
      if (!found) {
        throw new Error(trans.__('Open a CWL file or a notebook cell with a workflow first.'));
      }
      return [found];
    };
    const askUrl = async () => {
      const answer = await InputDialog.getText({
        title: trans.__('Deploy from a URL'),
        label: trans.__('Address of a CWL document; the runner fetches it'),
        placeholder: 'https://…',
        okLabel: trans.__('Deploy')
      });
      return answer.value?.trim() ?? '';
    };
    const last = async (query: string): Promise<IJob | undefined> =>
      (await runner.request<{ jobs: IJob[] }>(`jobs?limit=1${query}`)).jobs[0];
    const withLast = (query: string, none: string, act: (job: IJob) => unknown) => async () => {
      try {
        const job = await last(query);
        if (!job) {
          throw new Error(none);
        }
        await act(job);
      } catch (error) {
        complain(error, trans);
      }
    };

    add(CommandIDs.deployProcess, {
      label: args =>
        typeof args.url === 'string'
          ? trans.__('Deploy Workflow from URL…')
          : args.file
            ? trans.__('Deploy Workflow from File…')
            : trans.__('Deploy Workflow from This File or Cell'),
      caption: trans.__('Make a CWL document a process that can be launched'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string', description: 'Path of a file of this server' },
            url: { type: 'string', description: 'Address of a document; empty asks for it' },
            text: { type: 'string', description: 'The document itself' },
            name: { type: 'string', description: 'What to call the text in messages' },
            file: { type: 'boolean', description: 'Ask for a file' },
            launch: { type: 'boolean', description: 'Open the launch form then' }
          }
        }
      },
      execute: async args => {
        try {
          for (const source of await find(args)) {
            const processID = await deployer.deploy(source, args.launch === true);
            if (processID !== null && args.launch === true) {
              await run(CommandIDs.launchProcess, { processID });
            }
          }
        } catch (error) {
          complain(error, trans);
        }
      }
    });

    add(CommandIDs.checkWorkflow, {
      label: trans.__('Check This Workflow'),
      caption: trans.__('Say what is wrong with a CWL document, and deploy nothing'),
      describedBy: texts({ path: 'Path of a file of this server; without: what is worked on' }),
      execute: async args => {
        try {
          for (const source of await find(args)) {
            await deployer.check(source);
          }
        } catch (error) {
          complain(error, trans);
        }
      }
    });

    add(CommandIDs.dismissJob, {
      label: args => (args.jobID ? trans.__('Dismiss') : trans.__('Dismiss Job…')),
      describedBy: texts({ jobID: 'Id of the job; without it, it is asked for' }),
      isEnabled: args => Boolean(args.jobID) || workspace.live.length > 0,
      execute: async args => {
        const jobID = (args.jobID as string | undefined) ?? (await chooseLive());
        return jobID ? dismissJob(workflows, jobID) : false;
      }
    });
    const chooseLive = async () => {
      const { live } = workspace;
      const items = live.map(job => `${clean(job.processID, 80)} ${job.jobID.slice(0, 8)}`);
      const answer = await InputDialog.getItem({ title: trans.__('Dismiss which job?'), items });
      return answer.button.accept ? live[items.indexOf(answer.value ?? '')]?.jobID : undefined;
    };

    add(CommandIDs.undeployProcess, {
      label: trans.__('Undeploy…'),
      describedBy: texts({ processID: 'Id of the process' }, ['processID']),
      execute: args => undeployProcess(workflows, String(args.processID))
    });

    add(CommandIDs.insertCode, {
      label: trans.__('Insert Code Below'),
      describedBy: texts({ code: 'What the new cell holds' }, ['code']),
      execute: args => insertCode(app, workflows, notebooks, String(args.code))
    });

    add(CommandIDs.copyText, {
      label: trans.__('Copy'),
      describedBy: texts({ text: 'What to copy' }, ['text']),
      execute: args => copyText(workflows, String(args.text))
    });

    add(CommandIDs.newWorkflow, {
      label: args => (args.isMenu ? trans.__('Workflow File') : trans.__('New Workflow File')),
      caption: trans.__('Make a CWL file from a template'),
      icon: cwlIcon,
      describedBy: texts({ cwd: 'Folder of the new file' }),
      execute: async args => {
        try {
          await newFile(typeof args.cwd === 'string' ? args.cwd : cwd());
        } catch (error) {
          complain(error, trans);
        }
      }
    });
    const newFile = async (folder: string): Promise<string> => {
      const { contents } = app.serviceManager;
      const { path } = await contents.newUntitled({ path: folder, type: 'file', ext: '.cwl' });
      await contents.save(path, { type: 'file', format: 'text', content: EXAMPLE });
      await app.commands.execute('docmanager:open', { path, factory: 'Editor' });
      return path;
    };

    add(CommandIDs.tryExample, {
      label: trans.__('Try the Example'),
      caption: trans.__('Deploy a small workflow and open its launch form'),
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        try {
          const { processes } = await runner.request<{ processes: IProcess[] }>('processes');
          const isThere = processes.some(process => process.id === EXAMPLE_ID);
          const source = { name: EXAMPLE_FILE, text: EXAMPLE };
          const processID = isThere ? EXAMPLE_ID : await deployer.deploy(source, true);
          if (processID !== null) {
            await run(CommandIDs.launchProcess, { processID });
          }
        } catch (error) {
          complain(error, trans);
        }
      }
    });

    add('eodh:choose-process', {
      label: args => (args.isLauncher ? trans.__('Workflow') : trans.__('Launch Process…')),
      caption: trans.__('Open the launch form of a process'),
      icon: args => (args.isLauncher ? processIcon : undefined),
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        try {
          const { processes } = await runner.request<{ processes: IProcess[] }>('processes');
          const items = processes.filter(process => process.mutable).map(process => process.id);
          if (items.length === 0) {
            return run(CommandIDs.tryExample, {});
          }
          const answer =
            items.length === 1
              ? items[0]
              : (await InputDialog.getItem({ title: trans.__('Launch which process?'), items })).value;
          return answer ? run(CommandIDs.launchProcess, { processID: answer }) : undefined;
        } catch (error) {
          complain(error, trans);
        }
      }
    });

    add('eodh:find-job', {
      label: trans.__('Find Job…'),
      describedBy: NO_ARGUMENTS,
      execute: () => run(CommandIDs.openPanel, { search: true })
    });
    add('eodh:open-last-job', {
      label: trans.__('Open Last Job'),
      describedBy: NO_ARGUMENTS,
      execute: withLast('', trans.__('There is no job yet.'), job =>
        run(CommandIDs.openJob, { jobID: job.jobID })
      )
    });
    add('eodh:open-failed-log', {
      label: trans.__('Open Log of Last Failed Step'),
      describedBy: NO_ARGUMENTS,
      execute: withLast('&status=failed', trans.__('No job has failed.'), async ({ jobID }) => {
        const { steps } = await runner.request<{ steps: IStep[] }>(`${pathOf('jobs', jobID)}/steps`);
        const step = steps.find(found => found.state === 'failed')?.path;
        await run(CommandIDs.openJob, { jobID, tab: 'log', ...(step && { step }) });
      })
    });
    add('eodh:rerun-last-job', {
      label: trans.__('Run Last Job Again with Changes…'),
      describedBy: NO_ARGUMENTS,
      execute: withLast('', trans.__('There is no job yet.'), job =>
        run(CommandIDs.launchProcess, { processID: job.processID, fromJob: job.jobID })
      )
    });
    add('eodh:start-runner', {
      label: trans.__('Start Runner'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => workspace.status?.state !== 'ready',
      execute: () => workspace.start()
    });

    add(CommandIDs.restartRunner, {
      label: trans.__('Restart Runner…'),
      caption: trans.__('End the runner and start it again; jobs that run go on'),
      describedBy: NO_ARGUMENTS,
      isEnabled: () => workspace.canRestart,
      execute: () => restartRunner(workflows)
    });

    const show = (title: string, text: string, icon = fileIcon) => {
      const node = document.createElement('pre');
      node.className = 'jp-eodh-Plain';
      node.tabIndex = 0;
      node.textContent = text;
      const content = new Widget({ node });
      const widget = new MainAreaWidget({ content });
      widget.title.label = title;
      widget.title.icon = icon;
      place(app.shell, widget, 'eodh-text');
      node.scrollTop = node.scrollHeight;
    };
    add(CommandIDs.showCwl, {
      label: trans.__('Show CWL'),
      describedBy: texts({ processID: 'Id of the process' }, ['processID']),
      execute: async args => {
        const processID = String(args.processID);
        try {
          const path = `${pathOf('processes', processID)}/package`;
          show(`${clean(processID, 40)}.cwl`, await (await runner.blob(path)).text(), cwlIcon);
        } catch (error) {
          complain(error, trans);
        }
      }
    });
    add(CommandIDs.showRunnerLog, {
      label: trans.__('Show Runner Log'),
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        try {
          const text = await (await runner.blob('runner/log')).text();
          show(trans.__('Runner log'), text || trans.__('The runner has written nothing yet.'));
        } catch (error) {
          complain(error, trans);
        }
      }
    });

    PALETTE.forEach(([command, args = {}], rank) => {
      palette?.addItem({ command, args, category: trans.__('Workflows'), rank });
    });
  }
};

function isCwl(path: string): boolean {
  return /\.cwl$/i.test(path);
}
