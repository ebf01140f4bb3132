import { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { JobCard } from './card';
import { ICardHost } from './host';
import { MIME_TYPE, readSaved } from './saved';

/** A card as the output of a cell. */
export class CardRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(private _host: ICardHost) {
    super();
    this.addClass('jp-eodh-CardOutput');
    CardRenderer.live.add(this);
  }

  /** All cards of the page. */
  static readonly live = new Set<CardRenderer>();

  get card(): JobCard | null {
    return this._card;
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const saved = readSaved(model.data[MIME_TYPE]);
    if (!saved) {
      this.node.textContent = this._host.trans.__('This output names no job.');
      return;
    }
    // A notebook rewrites the output when the state changes; the card stays.
    if (this._card?.jobID === saved.state.job.jobID) {
      this._card.restore(saved);
      return;
    }
    this._card?.dispose();
    this._card = new JobCard(this._host, saved);
    this.node.replaceChildren(this._card.node);
  }

  dispose(): void {
    CardRenderer.live.delete(this);
    this._card?.dispose();
    this._card = null;
    super.dispose();
  }

  protected onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._card?.refresh();
  }

  private _card: JobCard | null = null;
}
