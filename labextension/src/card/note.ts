import { duration, fileSize } from '../model/format';
import { clean, heldReason, ITrans } from '../model/words';
import { IStream } from '../model/stream';
import { IStep } from '../model/wire';
import { make, show, write } from '../ui/dom';
import { icon, setIcon } from '../ui/icons';
import { ISaved } from './saved';

export interface INoteWords {
  text: string;
  detail: string;
}

/** Something to know about a job that waits, is lost, or is not known. */
export class Note {
  readonly node = make('div', 'jp-eodh-Note');

  constructor(
    private _trans: ITrans,
    onReveal: () => void
  ) {
    this._more.append(this._detail, this._reveal);
    this.node.append(this._icon, make('div', 'jp-eodh-Text', this._text, this._more));
    this._reveal.type = 'button';
    this._reveal.addEventListener('click', onReveal);
    show(this.node, false);
  }

  /** Show it, with a way to what was saved when `isRevealed` says whether that is seen. */
  show(kind: 'info' | 'wait', words: INoteWords | null, isRevealed?: boolean): void {
    show(this.node, words !== null);
    if (!words) {
      return;
    }
    this.node.className = `jp-eodh-Note jp-mod-${kind}`;
    setIcon(this._icon, kind === 'wait' ? 'held' : 'info');
    write(this._text, words.text);
    show(this._more, words.detail !== '');
    write(this._detail, `${words.detail} `);
    show(this._reveal, isRevealed !== undefined);
    write(this._reveal, isRevealed ? this._trans.__('Hide it') : this._trans.__('Show what was saved'));
  }

  private _detail = document.createTextNode('');
  private _icon = icon('info');
  private _more = make('p', 'jp-eodh-Muted');
  private _reveal = make('button', 'jp-eodh-Link');
  private _text = make('p');
}

export function heldWords(step: IStep, trans: ITrans): INoteWords {
  return {
    text: trans.__('%1 waits: %2', clean(step.name, 60), clean(step.reason, 300)),
    detail: trans.__('It starts by itself when it can.')
  };
}

export function lostWords(isOver: boolean, stream: IStream, trans: ITrans): INoteWords {
  const { held, isConnected } = stream;
  const nextTry = isConnected ? null : stream.nextTry;
  const wait = nextTry === null ? 0 : Math.max(1, Math.ceil((nextTry - Date.now()) / 1000));
  const what = isOver
    ? trans.__('The runner does not answer.')
    : trans.__('The job goes on without this page.');
  const then = held
    ? heldReason(held, trans)
    : wait
      ? trans.__('Trying again in %1.', duration(wait))
      : trans.__('Trying again.');
  return { text: `${what} ${then}`, detail: '' };
}

export function unknownWords({ results, resultCount, state }: ISaved, trans: ITrans): INoteWords {
  const size = results.reduce((sum, result) => sum + (result.size ?? 0), 0);
  const saved = [
    resultCount && trans._n('%1 result', '%1 results', resultCount),
    size && fileSize(size),
    state.steps.size && trans.__('the table of steps'),
    state.job.failure && trans.__('why it failed')
  ].filter(Boolean);
  return {
    text: trans.__(
      'This runner does not know the job. It may belong to another workspace or be past its keeping time.'
    ),
    detail: saved.length ? trans.__('Saved with the notebook: %1.', saved.join(', ')) : ''
  };
}
