import { ISignal, Signal } from '@lumino/signaling';
import { IJobState } from '../model/job';
import { clean, ITrans } from '../model/words';
import { IGraph } from '../model/wire';
import { draw, make, set, show, write } from '../ui/dom';
import { symbol } from '../ui/icons';
import { meaningOf } from './keys';
import { measure } from './measure';
import { ICanvas, NodeView } from './node';
import { opening, WHOLE } from './opening';
import { IPlan, plan } from './plan';
import { INodeState, isDone, NodeState, nodeStates } from './states';

export interface IGraphViewOptions {
  trans: ITrans;
  size: 'card' | 'page';
  /** Above so many elements the whole is drawn as one folded box. */
  maxElements?: number;
  /** Id of a table that says the same. */
  describedBy?: string;
}

const MAX_NODES = 400;
const MAX_TURNING = 12;
let count = 0;

/** The drawing of a job's steps: made once, then only changed where a state changes. */
export class GraphView {
  /** Scrolls when the drawing is larger than its place. */
  readonly node = make('div', 'jp-eodh-GraphView');

  constructor(private _options: IGraphViewOptions) {
    this._id = `jp-eodh-graph-${++count}`;
    const { trans } = _options;
    this._canvas = { trans, isDense: false, enlarged: 1, symbol: state => this._symbol(state), measure };
    this.node.classList.toggle('jp-mod-page', _options.size === 'page');
    const arrow = draw('marker', { id: `${this._id}-arrow`, viewBox: '0 0 6 6', refX: 3, refY: 3 });
    set(arrow, { markerWidth: 6, markerHeight: 6, orient: 'auto', markerUnits: 'userSpaceOnUse' });
    arrow.append(draw('path', { d: 'M0 0L6 3L0 6z', class: 'jp-eodh-Arrow' }));
    this._defs.append(arrow);
    this._twin.id = `${this._id}-twin`;
    set(this._svg, { class: 'jp-eodh-Graph', role: 'tree' });
    set(this._svg, { 'aria-describedby': _options.describedBy ?? this._twin.id });
    this._svg.append(this._defs, this._edges);
    this.node.append(this._svg, this._note, this._twin);
    this._svg.addEventListener('keydown', event => this._onKey(event));
    this._svg.addEventListener('click', event => this._onClick(event));
    this._svg.addEventListener('dblclick', event => this._activate(this._idAt(event)));
    this._svg.addEventListener('focusin', event => this.select(this._idAt(event)));
    this._svg.addEventListener('pointerover', event => this._explain(this._idAt(event)));
    this.node.addEventListener('scroll', () => (this._isScrolled ||= !this._isRevealing));
  }

  /** A node was chosen, by key, pointer or `select`. */
  get selected(): ISignal<this, string | null> {
    return this._selected;
  }

  /** Enter or a double click on a step. */
  get activated(): ISignal<this, string> {
    return this._activated;
  }

  get zoom(): number {
    return this._zoom;
  }

  get states(): ReadonlyMap<string, INodeState> {
    return this._states;
  }

  /** Draw the state: places once for each document, then what differs. */
  update(state: IJobState): void {
    this._state = state;
    const { graph } = state;
    if (!graph || graph.nodes.length === 0) {
      show(this.node, false);
      return;
    }
    show(this.node, true);
    const isNew = graph !== this._graph && JSON.stringify(graph) !== JSON.stringify(this._graph);
    this._graph = isNew ? graph : this._graph;
    this._states = nodeStates(isNew ? graph : (this._shown ?? graph), state);
    if (isNew) {
      this._begin(graph, state);
    }
    this._paint();
  }

  /** Fill a width; less than before is scrolled. */
  resize(width: number): void {
    if (width > 0 && Math.abs(width - this._width) >= 1) {
      this._width = width;
      if (this._graph) {
        this._arrange();
        this._paint();
      }
    }
  }

  select(id: string | null): void {
    if (id !== null && this._graph && !this._views.has(id)) {
      this._unfoldTo(id);
    }
    if (id === this._chosen) {
      return;
    }
    this._chosen = id;
    this._stop = id ?? this._stop;
    this._paint();
    if (id) {
      this._reveal(id);
    }
    this._selected.emit(id);
  }

  /** Draw it larger or smaller: 0.5 to 2. */
  setZoom(zoom: number): void {
    this._zoom = Math.min(2, Math.max(0.5, zoom));
    this._size();
    this._paint();
  }

  /** Make all of it visible, as far as its text stays legible. */
  fit(): void {
    if (this._plan) {
      const { clientWidth, clientHeight } = this.node;
      const room = Math.min(clientWidth / this._plan.width, Math.max(clientHeight, 1) / this._plan.height);
      this.setZoom(Math.min(1, room || 1));
    }
  }

  /** Open all boxes, or fold them. */
  openAll(isOpen = true): void {
    const boxes = this._shown?.nodes.filter(node => node.kind === 'workflow') ?? [];
    this._folded = new Set(isOpen ? [] : boxes.map(box => box.id));
    this._arrange();
    this._paint();
  }

  /** How many steps would be drawn with all boxes open. */
  get stepCount(): number {
    return this._graph?.nodes.filter(node => node.kind !== 'workflow').length ?? 0;
  }

  fold(id: string, isFolded = !this._folded.has(id)): void {
    if (isFolded) {
      this._folded.add(id);
    } else {
      this._folded.delete(id);
    }
    this._arrange();
    this._paint();
    this._views.get(id)?.node.focus({ preventScroll: true });
  }

  dispose(): void {
    Signal.clearData(this);
    this.node.remove();
  }

  /** Decide once how a document is shown; states change it no more. */
  private _begin(graph: IGraph, state: IJobState): void {
    const limit = this._options.maxElements ?? Infinity;
    const draft = (of: IGraph, folded: Set<string>) => this._draft(of, folded);
    const found = opening(graph, this._states, state.job.processID, limit, draft);
    this._shown = found.graph;
    this._folded = found.folded;
    this._states = nodeStates(found.graph, state);
    this._clear();
    this._arrange();
  }

  private _draft(graph: IGraph, folded: Set<string>): IPlan {
    return plan(graph, { width: this._width, size: this._options.size, folded, measure });
  }

  /** Find the places anew; the same nodes stay the same elements, and keep the focus. */
  private _arrange(): void {
    if (!this._shown) {
      return;
    }
    this._plan = this._draft(this._shown, this._folded);
    const { places, lines, isDense } = this._plan;
    const isTooMuch = places.length > MAX_NODES;
    const { trans } = this._options;
    write(
      this._note,
      isTooMuch ? trans.__('%1 steps are too many to draw; they are in the table.', places.length) : ''
    );
    show(this._note, isTooMuch);
    this._svg.toggleAttribute('hidden', isTooMuch);
    this._canvas.isDense = isDense;
    this._svg.classList.toggle('jp-mod-dense', isDense);
    const shown = isTooMuch ? [] : places;
    const isSame =
      shown.length === this._views.size &&
      shown.every(place => this._views.get(place.id)?.kind === place.kind);
    const hasFocus = this._svg.contains(document.activeElement);
    if (isSame) {
      shown.forEach(place => this._views.get(place.id)!.place(place));
    } else {
      this._clear();
      for (const place of shown) {
        const view = new NodeView(this._canvas, place);
        this._views.set(place.id, view);
        this._svg.append(view.node);
      }
    }
    this._lines.forEach(line => line.remove());
    this._lines.clear();
    for (const line of isTooMuch ? [] : lines) {
      const path = draw('path', { d: line.d, 'marker-end': `url(#${this._id}-arrow)` });
      this._lines.set(`${line.from}\n${line.to}`, path);
      this._edges.append(path);
    }
    // Edges within a box are drawn upon it.
    const firstNode = places.find(place => place.kind === 'node');
    const before = firstNode && this._views.get(firstNode.id)?.node;
    this._svg.insertBefore(
      this._edges,
      places.some(place => place.kind === 'open') ? null : (before ?? null)
    );
    if (!this._stop || !this._views.has(this._stop)) {
      this._stop = places[0]?.id ?? null;
    }
    if (hasFocus && !isSame && this._stop) {
      this._views.get(this._stop)?.node.focus({ preventScroll: true });
    }
    this._size();
  }

  private _clear(): void {
    this._views.forEach(view => view.node.remove());
    this._views.clear();
  }

  private _size(): void {
    if (this._plan) {
      const { width, height } = this._plan;
      set(this._svg, { viewBox: `0 0 ${width} ${height}` });
      this._svg.style.width = `calc(var(--eodh-unit) * ${Math.round(width * this._zoom)})`;
      this._svg.style.height = `calc(var(--eodh-unit) * ${Math.round(height * this._zoom)})`;
      this._canvas.enlarged = this._zoom < 0.75 ? 0.92 / this._zoom : 1;
      this._svg.style.setProperty('--eodh-enlarged', String(this._canvas.enlarged));
    }
  }

  private _paint(): void {
    if (!this._plan || !this._state) {
      return;
    }
    const running = [...this._states.values()].filter(found => found.state === 'running').length;
    this._isStill = running > MAX_TURNING;
    const isShort = this._options.size === 'card' && this._width < 560;
    for (const [id, view] of this._views) {
      view.paint(this._states.get(id)!, isShort);
      view.select(id === this._chosen, id === this._stop);
    }
    for (const line of this._plan.lines) {
      const path = this._lines.get(`${line.from}\n${line.to}`);
      if (path) {
        const isMine = line.from === this._chosen || line.to === this._chosen;
        const kind = this._lineKind(line.from, line.to);
        const wide = isMine || line.isBetweenBoxes ? ' jp-mod-wide' : '';
        set(path, { class: `jp-eodh-Edge jp-mod-${kind}${wide}` });
      }
    }
    const { trans } = this._options;
    const name = clean(this._state.job.processID, 120);
    set(this._svg, { 'aria-label': trans.__('Steps of %1', name) });
    write(this._twin, [...this._views.values()].map(view => view.label).join('; '));
    const live = this._plan.places.find(
      place => place.kind !== 'open' && this._states.get(place.id)?.state === 'running'
    );
    if (live && !this._isScrolled && live.id !== this._revealed) {
      this._revealed = live.id;
      this._reveal(live.id);
    }
  }

  private _lineKind(from: string, to: string): 'past' | 'live' | 'next' {
    const source = this._states.get(from)?.state;
    if (this._states.get(to)?.state === 'running') {
      return 'live';
    }
    return source && isDone(source) ? 'past' : 'next';
  }

  private _symbol(state: NodeState): string {
    const isStill = this._isStill && state === 'running';
    const id = `${this._id}-${state}${isStill ? '-still' : ''}`;
    if (!this._symbols.has(id)) {
      this._symbols.add(id);
      this._defs.append(symbol(id, state, isStill));
    }
    return `#${id}`;
  }

  /** Scroll it into view, this view alone. */
  private _reveal(id: string): void {
    const place = this._plan?.places.find(found => found.id === id);
    const { clientWidth, scrollWidth, scrollLeft } = this.node;
    if (!place || scrollWidth <= clientWidth || !this._plan) {
      return;
    }
    const unit = scrollWidth / this._plan.width;
    const [left, right] = [place.x * unit, (place.x + place.w) * unit];
    if (left < scrollLeft || right > scrollLeft + clientWidth) {
      this._isRevealing = true;
      this.node.scrollLeft = Math.max(0, (left + right - clientWidth) / 2);
      requestAnimationFrame(() => (this._isRevealing = false));
    }
  }

  private _unfoldTo(id: string): void {
    const byId = new Map(this._shown!.nodes.map(node => [node.id, node]));
    let at = byId.get(id);
    let isChanged = false;
    while (at?.parent && at.parent !== WHOLE) {
      isChanged = this._folded.delete(at.parent) || isChanged;
      at = byId.get(at.parent);
    }
    if (isChanged) {
      this._arrange();
    }
  }

  private _idAt(event: Event): string | null {
    const found = (event.target as Element).closest<SVGGElement>('[data-id]');
    return found?.dataset.id ?? null;
  }

  private _explain(id: string | null): void {
    const view = id === null ? null : this._views.get(id);
    if (view) {
      write(this._title, view.label);
      view.node.append(this._title);
    }
  }

  private _onClick(event: MouseEvent): void {
    const id = this._idAt(event);
    if (id !== null && (event.target as Element).classList.contains('jp-eodh-Fold')) {
      this.fold(id);
    } else if (id !== null) {
      this._views.get(id)?.node.focus({ preventScroll: true });
      this.select(id);
    }
  }

  private _activate(id: string | null): void {
    if (id === null) {
      return;
    }
    const kind = this._plan?.places.find(place => place.id === id)?.kind;
    if (kind === 'node') {
      this._activated.emit(id);
    } else if (kind && id !== WHOLE) {
      this.fold(id);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const from = this._stop;
    if (!this._plan || from === null || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const meant = meaningOf(event.key, this._plan, from, this._states, this._last);
    if (!meant || (meant.act === 'clear' && this._chosen === null)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (meant.act === 'activate') {
      this._activate(from);
    } else if (meant.act === 'fold' && from !== WHOLE) {
      this.fold(from, meant.isFolded);
    } else if (meant.act === 'fit') {
      this.fit();
    } else if (meant.act === 'clear') {
      this.select(null);
    } else if (meant.act === 'go' && meant.to !== from) {
      this._last.set(from, meant.to);
      this._last.set(meant.to, from);
      this._stop = meant.to;
      this._views.get(meant.to)?.node.focus({ preventScroll: true });
    }
  }

  private _activated = new Signal<this, string>(this);
  private _canvas: ICanvas;
  private _chosen: string | null = null;
  private _defs = draw('defs');
  private _edges = draw('g', { 'aria-hidden': 'true', class: 'jp-eodh-Edges' });
  private _folded = new Set<string>();
  private _graph: IGraph | null = null;
  private _id: string;
  private _isRevealing = false;
  private _isScrolled = false;
  private _isStill = false;
  private _last = new Map<string, string>();
  private _lines = new Map<string, SVGPathElement>();
  private _note = make('p', 'jp-eodh-GraphNote');
  private _plan: IPlan | null = null;
  private _revealed: string | null = null;
  private _selected = new Signal<this, string | null>(this);
  private _shown: IGraph | null = null;
  private _state: IJobState | null = null;
  private _states = new Map<string, INodeState>();
  private _stop: string | null = null;
  private _svg = draw('svg');
  private _symbols = new Set<string>();
  private _title = draw('title');
  private _twin = make('span', 'jp-eodh-Hidden');
  private _views = new Map<string, NodeView>();
  private _width = 622;
  private _zoom = 1;
}
