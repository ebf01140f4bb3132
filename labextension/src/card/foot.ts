import { make, show, write } from '../ui/dom';
import { icon, setIcon } from '../ui/icons';
import { CommandIDs } from '../tokens';
import { IFact } from './facts';
import { ICardHost } from './host';

/** The last line of a card; each fact has a place of its own. */
export class Foot {
  readonly node = make('div', 'jp-eodh-CardFoot');

  constructor(
    private _host: ICardHost,
    words: string,
    args: Record<string, string>
  ) {
    this._changes.type = 'button';
    this._changes.textContent = words;
    this._changes.addEventListener('click', () => _host.execute(CommandIDs.openJob, args));
    this.node.append(this._changes);
  }

  show(facts: IFact[]): void {
    show(this.node, facts.length > 0);
    show(this._changes, facts.some(fact => fact.isOfRevision) && this._host.has(CommandIDs.openJob));
    while (this._places.length < facts.length) {
      const place = make('span', '', icon('info'), make('span'));
      this._places.push(place);
      this.node.insertBefore(place, this._changes);
    }
    this._places.forEach((place, index) => {
      const fact = facts[index];
      show(place, fact !== undefined);
      if (fact) {
        const [shape, text] = place.children;
        setIcon(shape as SVGSVGElement, fact.icon ?? 'info');
        shape.toggleAttribute('hidden', !fact.icon);
        write(text, fact.text);
        place.title = fact.title ?? '';
      }
    });
  }

  private _changes = make('button', 'jp-eodh-Link');
  private _places: HTMLElement[] = [];
}
