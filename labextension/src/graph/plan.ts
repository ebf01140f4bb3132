import { IGraph, INode } from '../model/wire';
import { IItem, layered } from './layers';

/** A node, a folded or an open box, where it is drawn. */
export interface IPlace {
  id: string;
  kind: 'node' | 'folded' | 'open';
  label: string;
  x: number;
  y: number;
  w: number;
  h: number;
  /** Id of the box around it. */
  parent: string | null;
  /** From 1 for what is in no box. */
  level: number;
  layer: number;
  /** True when it, or a box around it, runs once for each entry of a list. */
  isScatter: boolean;
}

export interface ILine {
  from: string;
  to: string;
  /** An SVG path, from left to right. */
  d: string;
  isBetweenBoxes: boolean;
}

export interface IPlan {
  width: number;
  height: number;
  /** Boxes before what is in them. */
  places: IPlace[];
  lines: ILine[];
  /** Over 25 steps: nodes of one line. */
  isDense: boolean;
}

export interface IPlanOptions {
  /** Width to fill, where there is less to draw. */
  width: number;
  /** `page` draws the largest nodes. */
  size: 'card' | 'page';
  folded: ReadonlySet<string>;
  /** Width of a name in a node, in pixels. */
  measure(text: string): number;
}

export const DENSE_FROM = 25;
const FOLDED = { w: 150, h: 54 };
const BOX = { top: 29, side: 8, bottom: 9 };
const ARROW = 3;

interface ISizes {
  w: number;
  h: number;
  gap: number;
  rowGap: number;
  margin: number;
}

/** Give where everything stands; the states of steps play no part. */
export function plan(graph: IGraph, options: IPlanOptions): IPlan {
  const steps = graph.nodes.filter(node => node.kind !== 'workflow').length;
  const isDense = steps > DENSE_FROM;
  const sizes = sizesFor(options, isDense);
  const level = new Level(graph, options, sizes, isDense);
  const hasBoxes = graph.nodes.some(node => node.kind === 'workflow');
  let gap = !isDense ? 11 : hasBoxes ? 43 : sizes.gap;
  let found = level.draw(gap);
  if (!isDense && found.width < options.width) {
    // All gaps grow by the same, as far as the width allows.
    const slope = level.draw(gap + 1).width - found.width;
    gap = slope > 0 ? Math.min(70, gap + Math.floor((options.width - found.width) / slope)) : gap;
    found = level.draw(gap);
  }
  return { ...found, isDense };
}

function sizesFor(options: IPlanOptions, isDense: boolean): ISizes {
  if (isDense) {
    return { w: 0, h: 22, gap: 16, rowGap: 6, margin: 3 };
  }
  const common = { gap: 24, rowGap: 12, margin: 6 };
  if (options.size === 'page') {
    return { ...common, w: 150, h: 44 };
  }
  if (options.width >= 760) {
    return { ...common, w: 132, h: 42, margin: 7 };
  }
  return { ...common, w: options.width >= 560 ? 98 : 80, h: 40 };
}

class Level {
  constructor(
    graph: IGraph,
    private _options: IPlanOptions,
    private _sizes: ISizes,
    private _isDense: boolean
  ) {
    const known = new Set(graph.nodes.map(node => node.id));
    for (const node of graph.nodes) {
      const parent = node.parent !== null && known.has(node.parent) ? node.parent : null;
      this._children.set(parent, [...(this._children.get(parent) ?? []), node]);
    }
    for (const edge of graph.edges) {
      this._edges.set(edge[0], [...(this._edges.get(edge[0]) ?? []), edge]);
    }
  }

  draw(gap: number): { width: number; height: number; places: IPlace[]; lines: ILine[] } {
    const { margin } = this._sizes;
    const top = this._inside(null, gap, 1, false);
    return {
      width: top.width + 2 * margin,
      height: top.height + 2 * margin,
      places: top.places.map(place => ({ ...place, x: place.x + margin, y: place.y + margin })),
      lines: top.lines.map(({ path, ...line }) => ({ ...line, d: path(margin, margin) }))
    };
  }

  private _inside(parent: string | null, gap: number, depth: number, isScatter: boolean): IDrawn {
    const nodes = this._children.get(parent) ?? [];
    const inner = new Map<string, IDrawn>();
    const items = nodes.map((node): IItem => {
      if (!this._isBox(node)) {
        return { id: node.id, w: this._width(node, isScatter), h: this._sizes.h };
      }
      if (this._options.folded.has(node.id)) {
        return { id: node.id, ...FOLDED };
      }
      const drawn = this._inside(
        node.id,
        this._isDense ? this._sizes.gap : gap,
        depth + 1,
        isScatter || node.is_scatter
      );
      inner.set(node.id, drawn);
      const title = this._options.measure(node.label) + 110;
      return {
        id: node.id,
        w: Math.max(drawn.width + 2 * BOX.side, title),
        h: drawn.height + BOX.top + BOX.bottom
      };
    });
    const byId = new Map(nodes.map(node => [node.id, node]));
    const edges = nodes.flatMap(node => this._edges.get(node.id) ?? []);
    const rowGap = inner.size || items.some(item => item.h === FOLDED.h) ? 14 : this._sizes.rowGap;
    const found = layered(items, edges, rowGap);
    const places: IPlace[] = [];
    const lines: IDrawn['lines'] = [];
    const left: number[] = [];
    const widths: number[] = [];
    let x = 0;
    found.rows.forEach((row, layer) => {
      const width = Math.max(0, ...row.map(cell => found.cells[cell].item?.w ?? 0));
      left.push(x);
      widths.push(width);
      for (const index of row) {
        const { item, y } = found.cells[index];
        if (item) {
          const node = byId.get(item.id)!;
          const drawn = inner.get(item.id);
          const w = this._isBox(node) ? item.w : width;
          const at = { x: x + (width - w) / 2, y: y - item.h / 2, w, h: item.h };
          places.push({
            id: item.id,
            label: node.label,
            kind: drawn ? 'open' : this._isBox(node) ? 'folded' : 'node',
            parent,
            level: depth,
            layer,
            isScatter: isScatter || node.is_scatter,
            ...at
          });
          if (drawn) {
            const dx = at.x + (at.w - drawn.width) / 2;
            const dy = at.y + BOX.top;
            places.push(...drawn.places.map(place => ({ ...place, x: place.x + dx, y: place.y + dy })));
            lines.push(
              ...drawn.lines.map(line => ({
                ...line,
                path: (right: number, down: number) => line.path(right + dx, down + dy)
              }))
            );
          }
        }
      }
      x += width + gap;
    });
    const at = new Map(places.map(place => [place.id, place]));
    for (const { from, to, cells } of found.routes) {
      const [source, target] = [at.get(from)!, at.get(to)!];
      const layerOf = (cell: number) => found.rows.findIndex(row => row.includes(cell));
      const through = cells.slice(1, -1).map(cell => {
        const layer = layerOf(cell);
        return { from: left[layer], to: left[layer] + widths[layer], y: found.cells[cell].y };
      });
      lines.push({
        from,
        to,
        isBetweenBoxes: source.kind !== 'node' || target.kind !== 'node',
        path: (right, down) => curve(source, through, target, right, down)
      });
    }
    return { width: Math.max(0, x - gap), height: found.height, places, lines };
  }

  private _isBox(node: INode): boolean {
    return node.kind === 'workflow' && (this._children.get(node.id)?.length ?? 0) > 0;
  }

  private _width(node: INode, isScatter: boolean): number {
    if (!this._isDense) {
      return this._sizes.w;
    }
    const count = isScatter || node.is_scatter ? 46 : 0;
    return Math.min(190, Math.max(64, Math.ceil(this._options.measure(node.label)) + 29 + count));
  }

  private _children = new Map<string | null, INode[]>();
  private _edges = new Map<string, [string, string][]>();
}

interface IDrawn {
  width: number;
  height: number;
  places: IPlace[];
  lines: (Omit<ILine, 'd'> & { path(right: number, down: number): string })[];
}

function curve(
  source: IPlace,
  through: { from: number; to: number; y: number }[],
  target: IPlace,
  right: number,
  down: number
): string {
  const point = (x: number, y: number) => `${round(x + right)} ${round(y + down)}`;
  let x = source.x + source.w;
  let y = source.y + source.h / 2;
  let d = `M${point(x, y)}`;
  const go = (toX: number, toY: number) => {
    const middle = (x + toX) / 2;
    d += y === toY ? `L${point(toX, toY)}` : `C${point(middle, y)} ${point(middle, toY)} ${point(toX, toY)}`;
    [x, y] = [toX, toY];
  };
  for (const place of through) {
    go(place.from, place.y);
    go(place.to, place.y);
  }
  go(target.x - ARROW, target.y + target.h / 2);
  return d;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
