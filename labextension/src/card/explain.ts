import { IJobState } from '../model/job';
import { clean, failureWords, report } from '../model/words';
import { CommandIDs } from '../tokens';
import { make, show, write } from '../ui/dom';
import { button } from './button';
import { failureFacts } from './facts';
import { ICardHost } from './host';

/** Why a job failed, and what to do: class, what, tries, log line, remedy, one main button. */
export class Explanation {
  readonly node = make('div', 'jp-eodh-Note jp-mod-bad jp-eodh-Explain');

  constructor(private _host: ICardHost) {
    const { trans } = _host;
    const remedy = make('p', '', make('b', '', trans.__('To fix it:')), ' ', this._remedy);
    const body = make('div', 'jp-eodh-Text', make('p', '', this._heading), this._facts, this._line, remedy);
    body.append(this._actions);
    this.node.append(body);
    show(this.node, false);
  }

  show(state: IJobState | null): void {
    const failure = state?.job.failure;
    show(this.node, !!failure);
    if (!state || !failure) {
      return;
    }
    const { trans } = this._host;
    const words = failureWords(failure, trans);
    write(this._heading, words.heading);
    const facts = failureFacts(state, trans)
      .map(fact => clean(fact))
      .join(' ');
    write(this._facts, facts);
    show(this._facts, facts !== '');
    write(this._line, words.line ?? '');
    show(this._line, words.line !== null);
    write(this._remedy, words.remedy);
    this._offer(state);
  }

  private _offer(state: IJobState): void {
    const { trans } = this._host;
    const { job } = state;
    const step = job.failure?.step;
    const known = [CommandIDs.launchProcess, CommandIDs.openJob, CommandIDs.copyText];
    const key = JSON.stringify([step, known.map(command => this._host.has(command))]);
    if (key === this._key) {
      return;
    }
    this._key = key;
    const { jobID, processID } = job;
    const offers: [string, string, string, Record<string, string>][] = [
      ['again', trans.__('Run again with changes…'), known[0], { processID, fromJob: jobID }]
    ];
    if (step) {
      const name = clean(step, 40);
      offers.push(['log', trans.__('Open log of %1', name), known[1], { jobID, tab: 'log', step }]);
    }
    this._actions.replaceChildren();
    for (const [shape, text, command, args] of offers) {
      if (this._host.has(command)) {
        this._actions.append(button(shape, text, '', () => this._host.execute(command, args)));
      }
    }
    if (this._host.has(CommandIDs.copyText)) {
      const copy = () => this._host.execute(CommandIDs.copyText, { text: report(job) });
      this._actions.append(button('copy', trans.__('Copy report'), '', copy));
    }
    show(this._actions, this._actions.children.length > 0);
    const [first] = this._actions.children;
    first?.classList.toggle('jp-mod-filled', this._host.has(CommandIDs.launchProcess));
  }

  private _actions = make('div', 'jp-eodh-Actions');
  private _facts = make('p');
  private _heading = make('b');
  private _key = '';
  private _line = make('div', 'jp-eodh-LogLine');
  private _remedy = make('span');
}
