/** One thing to place, with its size. */
export interface IItem {
  id: string;
  w: number;
  h: number;
}

/** What stands in one place of a layer: an item, or where a long edge passes. */
interface ICell {
  item: IItem | null;
  h: number;
  before: number[];
  after: number[];
  y: number;
}

export interface ILayers {
  /** Cells by layer, in order; each is an index into `cells`. */
  rows: number[][];
  cells: ICell[];
  /** For each edge the cells that it goes through, both ends included. */
  routes: { from: string; to: string; cells: number[] }[];
  /** Highest y that is used. */
  height: number;
}

const SWEEPS = 24;
/** Height of the place that a long edge takes. */
const PASS = 10;
/** How much a long edge counts when it pulls at an item. */
const YIELD = 0.001;

/** Give each item its layer (the longest path from the start) and its height (Sugiyama's steps). */
export function layered(items: IItem[], edges: [string, string][], rowGap: number): ILayers {
  const place = new Map(items.map((item, index) => [item.id, index]));
  const kept = acyclic(
    items.length,
    edges.flatMap(([from, to]): [number, number][] => {
      const pair: [number, number] = [place.get(from) ?? -1, place.get(to) ?? -1];
      return pair[0] < 0 || pair[1] < 0 || pair[0] === pair[1] ? [] : [pair];
    })
  );
  const layer = longestPaths(items.length, kept);
  const cells: ICell[] = items.map(item => ({ item, h: item.h, before: [], after: [], y: 0 }));
  const rows: number[][] = Array.from({ length: Math.max(0, ...layer) + 1 }, () => []);
  items.forEach((_, index) => rows[layer[index]].push(index));
  const routes = kept.map(([from, to]) => {
    const route = [from];
    for (let at = layer[from] + 1; at < layer[to]; at++) {
      cells.push({ item: null, h: PASS, before: [], after: [], y: 0 });
      rows[at].push(cells.length - 1);
      route.push(cells.length - 1);
    }
    route.push(to);
    route.slice(1).forEach((cell, index) => {
      cells[route[index]].after.push(cell);
      cells[cell].before.push(route[index]);
    });
    return { from: items[from].id, to: items[to].id, cells: route };
  });
  order(rows, cells);
  const height = settle(rows, cells, rowGap);
  return { rows, cells, routes, height };
}

/** Leave out edges that would close a circle. */
function acyclic(count: number, edges: [number, number][]): [number, number][] {
  const after: number[][] = Array.from({ length: count }, () => []);
  edges.forEach(([from], index) => after[from].push(index));
  const state = new Uint8Array(count);
  const closing = new Set<number>();
  for (let start = 0; start < count; start++) {
    const path: [number, number][] = state[start] === 0 ? [[start, 0]] : [];
    state[start] ||= 1;
    while (path.length) {
      const top = path[path.length - 1];
      const edge = after[top[0]][top[1]++];
      if (edge === undefined) {
        state[top[0]] = 2;
        path.pop();
      } else if (state[edges[edge][1]] === 1) {
        closing.add(edge);
      } else if (state[edges[edge][1]] === 0) {
        state[edges[edge][1]] = 1;
        path.push([edges[edge][1], 0]);
      }
    }
  }
  return edges.filter((_, index) => !closing.has(index));
}

function longestPaths(count: number, edges: [number, number][]): number[] {
  const layer = new Array<number>(count).fill(0);
  const missing = new Array<number>(count).fill(0);
  const after: number[][] = Array.from({ length: count }, () => []);
  edges.forEach(([from, to]) => {
    missing[to]++;
    after[from].push(to);
  });
  const ready = missing.flatMap((number, index) => (number === 0 ? [index] : []));
  for (let at = ready.shift(); at !== undefined; at = ready.shift()) {
    for (const next of after[at]) {
      layer[next] = Math.max(layer[next], layer[at] + 1);
      if (--missing[next] === 0) {
        ready.push(next);
      }
    }
  }
  return layer;
}

/** Order each layer by the mean place of its neighbours, down and up; keep what crosses least. */
function order(rows: number[][], cells: ICell[]): void {
  let best = rows.map(row => row.slice());
  let fewest = crossings(rows, cells);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    for (let step = 1; step < rows.length; step++) {
      const row = rows[isDown ? step : rows.length - 1 - step];
      const near = rows[isDown ? step - 1 : rows.length - step];
      const at = new Map(near.map((cell, index) => [cell, index]));
      const centre = new Map(
        row.map((cell, index) => {
          const around = isDown ? cells[cell].before : cells[cell].after;
          const sum = around.reduce((total, other) => total + (at.get(other) ?? 0), 0);
          return [cell, around.length ? sum / around.length : index];
        })
      );
      // Where two are equal, a long edge stands behind an item.
      const rank = (cell: number) => (cells[cell].item ? 0 : 1);
      row.sort((a, b) => centre.get(a)! - centre.get(b)! || rank(a) - rank(b));
    }
    const count = crossings(rows, cells);
    if (count < fewest) {
      fewest = count;
      best = rows.map(row => row.slice());
    }
  }
  best.forEach((row, index) => (rows[index] = row));
}

function crossings(rows: number[][], cells: ICell[]): number {
  let count = 0;
  for (let step = 1; step < rows.length; step++) {
    const at = new Map(rows[step].map((cell, index) => [cell, index]));
    const ends: number[] = [];
    for (const cell of rows[step - 1]) {
      ends.push(...cells[cell].after.map(other => at.get(other)!).sort((a, b) => a - b));
    }
    for (let i = 0; i < ends.length; i++) {
      for (let j = i + 1; j < ends.length; j++) {
        count += ends[i] > ends[j] ? 1 : 0;
      }
    }
  }
  return count;
}

/** Draw each cell to its neighbours, without changing the order; gives the height. */
function settle(rows: number[][], cells: ICell[], rowGap: number): number {
  for (const row of rows) {
    let y = 0;
    for (const cell of row) {
      cells[cell].y = y + cells[cell].h / 2;
      y += cells[cell].h + rowGap;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let step = 0; step < rows.length; step++) {
      pull(rows[sweep % 2 ? rows.length - 1 - step : step], cells, rowGap);
    }
  }
  const top = Math.min(0, ...cells.map(cell => cell.y - cell.h / 2));
  const least = cells.length ? Math.min(...cells.map(cell => cell.y - cell.h / 2)) : top;
  cells.forEach(cell => (cell.y = Math.round((cell.y - least) * 2) / 2));
  return Math.max(0, ...cells.map(cell => cell.y + cell.h / 2));
}

/** Move one layer: least squares to where the neighbours are, keeping order and distances. */
function pull(row: number[], cells: ICell[], rowGap: number): void {
  const blocks: { sum: number; weight: number; cells: number[] }[] = [];
  let offset = 0;
  const offsets = new Map<number, number>();
  row.forEach((index, place) => {
    const cell = cells[index];
    if (place > 0) {
      offset += cells[row[place - 1]].h / 2 + rowGap + cell.h / 2;
    }
    offsets.set(index, offset);
    let sum = 0;
    let total = 0;
    for (const other of [...cell.before, ...cell.after]) {
      const weight = cell.item && !cells[other].item ? YIELD : 1;
      sum += weight * cells[other].y;
      total += weight;
    }
    const weight = cell.item ? 1 : YIELD;
    const wish = (total ? sum / total : cell.y) - offset;
    blocks.push({ sum: wish * weight, weight, cells: [index] });
    // Neighbours that would overlap move as one.
    while (blocks.length > 1) {
      const [upper, lower] = blocks.slice(-2);
      if (upper.sum / upper.weight <= lower.sum / lower.weight) {
        break;
      }
      upper.sum += lower.sum;
      upper.weight += lower.weight;
      upper.cells.push(...lower.cells);
      blocks.pop();
    }
  });
  for (const block of blocks) {
    block.cells.forEach(cell => (cells[cell].y = block.sum / block.weight + offsets.get(cell)!));
  }
}
