import { clean, ITrans } from '../model/words';
import { Attributes, draw, set, write } from '../ui/dom';
import { IPlace } from './plan';
import { boxWord, INodeState, NodeState, nodeWord, spoken } from './states';

/** What all nodes of one drawing share. */
export interface ICanvas {
  trans: ITrans;
  isDense: boolean;
  /** Address of an icon within the drawing. */
  symbol(state: NodeState): string;
  measure(text: string): number;
  /** Names are drawn this much larger when the whole is drawn small. */
  enlarged: number;
}

const STRIP_PARTS = 40;
/** Words are smaller and lighter than the names that are measured. */
const WORD = 0.87;
const COLOURS: [string, (state: NodeState) => boolean][] = [
  ['done', state => state === 'done' || state === 'reused' || state === 'skipped'],
  ['running', state => state === 'running'],
  ['failed', state => state === 'failed']
];

/** One node or box of the drawing; made once, then only changed. */
export class NodeView {
  readonly node: SVGGElement;

  constructor(
    private _canvas: ICanvas,
    private _place: IPlace
  ) {
    const { kind, id, level } = _place;
    this.node = draw('g', { class: kind === 'node' ? 'jp-eodh-Node' : 'jp-eodh-Group', role: 'treeitem' });
    this.node.dataset.id = id;
    set(this.node, { 'aria-level': level, tabindex: -1, 'aria-selected': 'false' });
    this.node.append(this._rect, this._icon, this._name);
    if (kind === 'node') {
      this._rect.setAttribute('class', 'jp-eodh-Box');
      this._name.setAttribute('class', 'jp-eodh-NodeName');
    } else {
      this.node.setAttribute('aria-expanded', String(kind === 'open'));
      this.node.append(this._fold);
    }
    this.place(_place);
  }

  get id(): string {
    return this._place.id;
  }

  get kind(): IPlace['kind'] {
    return this._place.kind;
  }

  get label(): string {
    return this._label;
  }

  place(place: IPlace): void {
    this._place = place;
    const { x, y, w, h, kind } = place;
    set(this.node, { transform: `translate(${round(x)} ${round(y)})` });
    set(this._rect, { width: round(w), height: h, rx: kind === 'node' ? 3 : 4 });
    if (kind === 'node') {
      const isLine = this._canvas.isDense;
      set(this._icon, { x: isLine ? 5 : 7, y: isLine ? 5 : h - 18, width: 12, height: 12 });
      set(this._name, { x: isLine ? 21 : 8, y: isLine ? 15 : 16 });
    } else {
      set(this._icon, { x: 8, y: 7, width: 13, height: 13 });
      set(this._name, { x: 26, y: 18 });
      set(this._fold, { x: round(w - 14), y: 18 });
    }
    this._state = null;
  }

  select(isSelected: boolean, isStop: boolean): void {
    set(this.node, { 'aria-selected': String(isSelected), tabindex: isStop ? 0 : -1 });
  }

  /** Change what differs from what is drawn. */
  paint(found: INodeState, isShort: boolean): void {
    const key = JSON.stringify([found, isShort, this._canvas.enlarged]);
    if (key === this._state) {
      return;
    }
    this._state = key;
    const { trans, isDense } = this._canvas;
    const { kind, isScatter, label, w } = this._place;
    this._label = spoken(label, found, trans, isScatter);
    set(this.node, { 'data-state': found.state, 'aria-label': this._label });
    set(this._icon, { href: this._canvas.symbol(found.state), class: `jp-eodh-is-${found.state}` });
    const isFar = this._canvas.enlarged > 1;
    const room = w / this._canvas.enlarged - (kind === 'node' && !isDense ? 14 : kind === 'node' ? 26 : 44);
    if (kind === 'node' && !isDense) {
      write(this._name, this._fit(label, room));
      this._say(isFar ? '' : this._fit(nodeWord(found, trans, isScatter, isShort), (w - 28) / WORD), {
        x: 23,
        y: this._place.h - 8
      });
    } else if (kind === 'node') {
      const count = this._count(found, isScatter);
      const taken = count ? this._canvas.measure(count) + 8 : 0;
      write(this._name, this._fit(label, room - taken));
      this._say(isFar ? '' : count, { x: w - 6, y: 15, 'text-anchor': 'end' });
    } else {
      write(this._name, this._fit(label, kind === 'open' ? w - 130 : room));
      const word = boxWord(found, trans);
      const share = `${found.done}/${found.total}`;
      if (kind === 'open') {
        this._say(isFar ? '' : `${word} · ${share}`, { x: w - 24, y: 18, 'text-anchor': 'end' });
      } else {
        this._say(isFar ? '' : trans.__('%1 · %2 steps', word, share), { x: 26, y: 34 });
      }
      write(this._fold, kind === 'open' ? '−' : '+');
    }
    this._sheets(kind === 'node' && isScatter);
    this._strip(found, (kind === 'node' && isScatter && !isDense) || kind === 'folded');
  }

  private _count(found: INodeState, isScatter: boolean): string {
    if (found.attempt > 1) {
      return this._canvas.trans.__('try %1', found.attempt);
    }
    return isScatter && found.total > 1 ? `${found.done}/${found.total}` : '';
  }

  private _say(text: string, at: Attributes): void {
    if (!this._word) {
      if (!text) {
        return;
      }
      this._word = draw('text', { class: 'jp-eodh-NodeWord' });
      this.node.append(this._word);
    }
    set(this._word, at);
    write(this._word, text);
  }

  /** Two sheets behind a node that runs once for each entry of a list. */
  private _sheets(isWanted: boolean): void {
    if (isWanted && !this._sheet) {
      this._sheet = draw('path', { class: 'jp-eodh-Sheet' });
      this.node.prepend(this._sheet);
    }
    if (this._sheet) {
      const { w, h } = this._place;
      const sheet = (by: number) => `M${by} ${-by}h${round(w)}v${h}h${-round(w)}z`;
      set(this._sheet, { d: sheet(4) + sheet(2) });
    }
  }

  private _strip(found: INodeState, isWanted: boolean): void {
    if (!isWanted || found.parts.length === 0) {
      return;
    }
    const { w, h, kind } = this._place;
    const [left, width] = kind === 'folded' ? [8, w - 16] : [1, w - 2];
    const [top, height] = kind === 'folded' ? [h - 12, 4] : [h - 3, 3];
    const count = found.parts.length;
    const bar = (from: number, to: number) =>
      `M${round(left + (width * from) / count)} ${top}h${round((width * (to - from)) / count - (isParted ? 1 : 0))}` +
      `v${height}H${round(left + (width * from) / count)}z`;
    const isParted = count <= STRIP_PARTS;
    const sorted = [...COLOURS, ['rest', (state: NodeState) => true] as (typeof COLOURS)[0]];
    let from = 0;
    const open = new Set(found.parts.keys());
    for (const [name, is] of sorted) {
      const mine = [...open].filter(part => is(found.parts[part]));
      mine.forEach(part => open.delete(part));
      const d = !mine.length
        ? ''
        : isParted
          ? mine.map((_, index) => bar(from + index, from + index + 1)).join('')
          : bar(from, from + mine.length);
      from += mine.length;
      if (d || this._bars.has(name)) {
        let path = this._bars.get(name);
        if (!path) {
          path = draw('path', { class: `jp-eodh-Part jp-mod-${name}` });
          this._bars.set(name, path);
          this.node.append(path);
        }
        set(path, { d });
      }
    }
  }

  /** Cut a text to a width. */
  private _fit(text: string, width: number): string {
    const name = clean(text, 120);
    if (this._canvas.measure(name) <= width) {
      return name;
    }
    let end = name.length;
    while (end > 1 && this._canvas.measure(`${name.slice(0, end)}…`) > width) {
      end--;
    }
    return `${name.slice(0, end)}…`;
  }

  private _bars = new Map<string, SVGPathElement>();
  private _fold = draw('text', { class: 'jp-eodh-Fold', 'text-anchor': 'middle', 'aria-hidden': 'true' });
  private _icon = draw('use');
  private _label = '';
  private _name = draw('text', { class: 'jp-eodh-GroupName' });
  private _rect = draw('rect', { class: 'jp-eodh-GroupBox' });
  private _sheet: SVGPathElement | null = null;
  private _state: string | null = null;
  private _word: SVGTextElement | null = null;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
