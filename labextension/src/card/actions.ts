import { CommandIDs } from '../tokens';
import { show, write } from '../ui/dom';
import { button } from './button';
import { ICardHost } from './host';

const ASK_MS = 5000;
const YOUNG_MS = 60000;

interface IAction {
  /** States in which it is offered. */
  modes: string;
  /** The command that must be there; null for what the card does itself. */
  command: string | null;
  node: HTMLButtonElement;
}

/** What can be done with a job from its card. */
export class Actions {
  constructor(
    private _host: ICardHost,
    job: { jobID: string; processID: string },
    onTryNow: () => void,
    private _createdAt: () => number
  ) {
    const { trans } = _host;
    const { jobID, processID } = job;
    const { dismissJob, launchProcess, openJob } = CommandIDs;
    const run = (command: string, args: Record<string, string>) => () => _host.execute(command, args);
    const dismiss = run(dismissJob, { jobID });
    const again = run(launchProcess, { processID, fromJob: jobID });
    const page = trans.__('Open the page of this job');
    const all = 'lost accepted running successful failed dismissed';
    this._add('lost', null, button('again', trans.__('Try now'), '', onTryNow));
    const stop = button('stop', trans.__('Dismiss'), '', () => this._ask(dismiss));
    this._word = stop.lastChild!;
    this._add('accepted running', dismissJob, stop);
    this._add('successful dismissed', launchProcess, button('again', trans.__('Run again…'), '', again));
    this._add(all, openJob, button('open', trans.__('Open'), page, run(openJob, { jobID })));
  }

  /** The buttons, in order. */
  get nodes(): HTMLButtonElement[] {
    return this._all.map(action => action.node);
  }

  /** Offer what fits a state; gives whether the focus was on what is gone. */
  show(mode: string): boolean {
    let isLost = false;
    for (const { modes, command, node } of this._all) {
      const isShown = modes.split(' ').includes(mode) && (command === null || this._host.has(command));
      isLost ||= !isShown && node === document.activeElement;
      show(node, isShown);
    }
    return isLost;
  }

  /** Where no dialog can ask, a second press within 5 s confirms. */
  private _ask(dismiss: () => void): void {
    const { trans } = this._host;
    const isYoung = Date.now() - this._createdAt() < YOUNG_MS;
    if (!this._host.asksInPlace || isYoung || Date.now() < this._askedUntil) {
      this._askedUntil = 0;
      write(this._word, trans.__('Dismiss'));
      dismiss();
      return;
    }
    this._askedUntil = Date.now() + ASK_MS;
    write(this._word, trans.__('Press again to dismiss'));
    window.setTimeout(() => write(this._word, trans.__('Dismiss')), ASK_MS);
  }

  private _add(modes: string, command: string | null, node: HTMLButtonElement): void {
    this._all.push({ modes, command, node });
  }

  private _all: IAction[] = [];
  private _askedUntil = 0;
  private _word: ChildNode;
}
