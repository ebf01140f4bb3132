import { CommandRegistry } from '@lumino/commands';
import { h, VirtualElement } from '@lumino/virtualdom';
import { Menu } from '@lumino/widgets';
import { LabIcon } from '@jupyterlab/ui-components';
import { IJob, IProcess, isTerminal } from '../model/wire';
import { clean, ITrans, statusWord } from '../model/words';
import { CommandIDs } from '../tokens';
import { jobAsPython, processAsMagic, processAsPython } from './code';
import { IFilter, SPANS, spanWords, STATUSES } from './filter';

interface IEntry {
  command: string;
  args?: Record<string, any>;
  label: string;
  /** The key that does the same in the list. */
  key?: string;
  icon?: LabIcon;
  /** For entries that the panel itself carries out. */
  run?(): void;
  isOn?: boolean;
}

/** A line between groups of entries. */
const LINE = null;

/** Shows beside an entry the key that the panel itself listens to. */
class Renderer extends Menu.Renderer {
  constructor(private _keys: Map<string, string>) {
    super();
  }

  renderShortcut(data: Menu.IRenderData): VirtualElement {
    return h.div({ className: 'lm-Menu-itemShortcut' }, this._keys.get(data.item.command) ?? '');
  }
}

/** Open a menu of entries; those whose command the page does not have are left out. */
export function openMenu(
  commands: CommandRegistry,
  entries: (IEntry | null)[],
  place: { x: number; y: number },
  label: string
): Menu {
  const own = new CommandRegistry();
  const keys = new Map<string, string>();
  const menu = new Menu({ commands: own, renderer: new Renderer(keys) });
  menu.addClass('jp-eodh-Menu');
  menu.node.setAttribute('aria-label', label);
  entries.forEach((entry, index) => {
    if (entry === LINE) {
      menu.addItem({ type: 'separator' });
    } else if (entry.run || commands.hasCommand(entry.command)) {
      const id = `${entry.command}:${index}`;
      own.addCommand(id, {
        label: entry.label,
        icon: entry.icon,
        isToggleable: entry.isOn !== undefined,
        isToggled: () => entry.isOn === true,
        execute: () => (entry.run ? entry.run() : commands.execute(entry.command, entry.args ?? {}))
      });
      keys.set(id, entry.key ?? '');
      menu.addItem({ command: id });
    }
  });
  const before = document.activeElement;
  menu.aboutToClose.connect(() => {
    (before as HTMLElement | null)?.focus();
    // The entry that was chosen is carried out before the menu goes.
    window.setTimeout(() => menu.dispose(), 0);
  });
  menu.open(place.x, place.y);
  return menu;
}

/** Give what can be done with a job. */
export function jobEntries(job: IJob, trans: ITrans): (IEntry | null)[] {
  const { jobID } = job;
  const isEnded = isTerminal(job.status);
  return [
    { command: CommandIDs.openJob, args: { jobID }, label: trans.__('Open'), key: 'Enter' },
    { command: CommandIDs.openJob, args: { jobID, tab: 'log' }, label: trans.__('Open log'), key: 'L' },
    ...(job.status === 'successful'
      ? [
          {
            command: CommandIDs.openJob,
            args: { jobID, tab: 'results' },
            label: trans.__('Open results'),
            key: 'R'
          }
        ]
      : []),
    LINE,
    {
      command: CommandIDs.launchProcess,
      args: { processID: job.processID, fromJob: jobID },
      label: trans.__('Run again with changes…'),
      key: 'E'
    },
    {
      command: CommandIDs.insertCode,
      args: { code: jobAsPython(job) },
      label: trans.__('Insert as Python')
    },
    { command: CommandIDs.copyText, args: { text: jobID }, label: trans.__('Copy job id') },
    LINE,
    {
      command: CommandIDs.dismissJob,
      args: { jobID },
      label: isEnded ? trans.__('Delete…') : trans.__('Dismiss'),
      key: 'Delete'
    }
  ];
}

/** Give what can be done with a process. */
export function processEntries(
  process: IProcess,
  trans: ITrans,
  names: () => Promise<string[]>,
  commands: CommandRegistry
): (IEntry | null)[] {
  const processID = process.id;
  const insert = async (write: (id: string, names: string[]) => string) => {
    await commands.execute(CommandIDs.insertCode, { code: write(processID, await names()) });
  };
  return [
    { command: CommandIDs.launchProcess, args: { processID }, label: trans.__('Launch…'), key: 'Enter' },
    { command: CommandIDs.showCwl, args: { processID }, label: trans.__('Show CWL') },
    {
      command: CommandIDs.insertCode,
      label: trans.__('Insert as Python'),
      run: () => void insert(processAsPython)
    },
    {
      command: CommandIDs.insertCode,
      label: trans.__('Insert as magic'),
      run: () => void insert(processAsMagic)
    },
    LINE,
    {
      command: CommandIDs.deployProcess,
      args: { file: true, processID },
      label: trans.__('Replace from file…')
    },
    {
      command: CommandIDs.undeployProcess,
      args: { processID },
      label: trans.__('Undeploy…'),
      key: 'Delete'
    }
  ];
}

/** Give what the lists can be narrowed by. */
export function filterEntries(
  filter: IFilter,
  processes: readonly IProcess[],
  trans: ITrans,
  narrow: (change: Partial<IFilter>) => void
): (IEntry | null)[] {
  const { status, span, process } = filter;
  return [
    ...STATUSES.map(name => ({
      command: name,
      label: statusWord(name, trans),
      isOn: status.includes(name),
      run: () =>
        narrow({ status: status.includes(name) ? status.filter(other => other !== name) : [...status, name] })
    })),
    LINE,
    ...SPANS.map(name => ({
      command: name,
      label: spanWords(name, trans),
      isOn: span === name,
      run: () => narrow({ span: span === name ? null : name })
    })),
    LINE,
    ...processes.slice(0, 12).map(({ id }) => ({
      command: 'process',
      label: clean(id, 60),
      isOn: process === id,
      run: () => narrow({ process: process === id ? null : id })
    }))
  ];
}
