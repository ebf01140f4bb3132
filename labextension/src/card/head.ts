import { clean, ITrans } from '../model/words';
import { IJob } from '../model/wire';
import { make, set, show, write } from '../ui/dom';
import { icon, setIcon } from '../ui/icons';
import { IHeadline } from './line';

/** Icon, name, short id; under it the state's word and the facts. */
export class Headline {
  readonly node = make('div', 'jp-eodh-JobLine');
  readonly actions = make('div', 'jp-eodh-Actions');

  constructor() {
    const name = make('div', 'jp-eodh-Name', this._name, this._id);
    const facts = make('div', 'jp-eodh-Facts', this._word, this._facts);
    this.node.append(this._icon, make('div', 'jp-eodh-Text', name, facts), this.actions);
  }

  show(job: IJob, { icon: shape, word, facts }: IHeadline): void {
    setIcon(this._icon, shape);
    write(this._name, clean(job.processID, 120));
    write(this._id, job.jobID.slice(0, 8));
    this._id.title = job.jobID;
    write(this._word, word);
    const text = facts.map(fact => ` · ${fact}`).join('');
    write(this._facts, text);
    set(this._facts.parentElement!, { title: `${word}${text}` });
  }

  private _facts = document.createTextNode('');
  private _icon = icon('accepted');
  private _id = make('code', 'jp-eodh-Id');
  private _name = make('b');
  private _word = make('b');
}

const ARIA = ['role', 'aria-label', 'aria-valuemin', 'aria-valuemax', 'aria-valuenow', 'aria-valuetext'];

/** How far a job is; a line when it does not move. */
export class ProgressBar {
  readonly node = make('div', 'jp-eodh-Bar');

  constructor(
    private _trans: ITrans,
    private _label: string
  ) {
    this.node.append(this._part);
  }

  show(job: IJob, isMoving: boolean, left: string | null): void {
    this.node.classList.toggle('jp-mod-idle', !isMoving);
    show(this._part, isMoving);
    if (!isMoving) {
      ARIA.forEach(name => this.node.removeAttribute(name));
      return;
    }
    const value = Math.min(99, Math.floor(job.progress ?? 0));
    // Forward only: what was reached stays.
    this._value = Math.max(this._value, value);
    const words = this._trans.__('%1 percent', this._value) + (left ? `, ${left}` : '');
    set(this.node, {
      role: 'progressbar',
      'aria-label': this._label,
      'aria-valuemin': 0,
      'aria-valuemax': 100
    });
    set(this.node, { 'aria-valuenow': this._value, 'aria-valuetext': words });
    if (this._part.style.width !== `${this._value}%`) {
      this._part.style.width = `${this._value}%`;
    }
  }

  private _part = make('div');
  private _value = 0;
}
