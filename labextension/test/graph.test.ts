import assert from 'node:assert/strict';
import { test } from 'node:test';
import { move, nextOf } from '../src/graph/keys';
import { layered } from '../src/graph/layers';
import { opening } from '../src/graph/opening';
import { IPlan, plan } from '../src/graph/plan';
import { nodeOf, nodeStates, nodeWord, spoken } from '../src/graph/states';
import { IJobState } from '../src/model/job';
import { english } from '../src/model/words';
import { IGraph, INode, IStep, JobStatus, StepState } from '../src/model/wire';

const CHAIN = graph(
  ['stage-in', 'crop*', 'norm_diff', 'otsu', 'stac'],
  ['stage-in>crop', 'crop>norm_diff', 'norm_diff>otsu', 'otsu>stac', 'norm_diff>stac']
);

/** Make a graph: `*` marks a scatter, `?` a condition, `/` what is in a box. */
function graph(names: string[], edges: string[] = []): IGraph {
  const ids = names.map(name => name.replace(/[*?]$/, ''));
  const nodes = ids.map((id, index): INode => {
    const cut = id.lastIndexOf('/');
    return {
      id,
      label: id.slice(cut + 1),
      parent: cut < 0 ? null : id.slice(0, cut),
      is_scatter: names[index].endsWith('*'),
      is_conditional: names[index].endsWith('?'),
      kind: ids.some(other => other.startsWith(`${id}/`)) ? 'workflow' : 'step'
    };
  });
  return { nodes, edges: edges.map(edge => edge.split('>') as [string, string]) };
}

function state(status: JobStatus, runs: Record<string, StepState | Partial<IStep>>): IJobState {
  const steps = Object.entries(runs).map(([path, run]): [string, IStep] => {
    const facts = typeof run === 'string' ? { state: run } : run;
    return [path, { path, name: path, state: 'waiting', ...facts }];
  });
  const job = { jobID: 'j', processID: 'p', status, created: '2026-01-01T00:00:00Z' };
  return { job, steps: new Map(steps), graph: null, seq: 1 };
}

function draw(of: IGraph, width = 622, folded: string[] = []): IPlan {
  const measure = (text: string) => 6 * text.length;
  return plan(of, { width, size: 'card', folded: new Set(folded), measure });
}

test('the main chain is a straight line, and a long edge passes below it', () => {
  const { places, lines, height } = draw(CHAIN);

  assert.equal(new Set(places.map(place => place.y)).size, 1);
  assert.deepEqual(
    places.map(place => place.layer),
    [0, 1, 2, 3, 4]
  );
  const long = lines.find(line => line.from === 'norm_diff' && line.to === 'stac');
  const [, y] = /L[\d.]+ ([\d.]+)C/.exec(long!.d)!;
  assert.ok(Number(y) > places[3].y + places[3].h, `${long!.d} crosses otsu`);
  assert.ok(height > Number(y));
});

test('an edge goes from the right of a node to just before the next', () => {
  const { places, lines } = draw(CHAIN);
  const [source, target] = places;
  const y = source.y + source.h / 2;

  assert.equal(lines[0].d, `M${source.x + source.w} ${y}L${target.x - 3} ${y}`);
});

test('the gaps fill the width, and never more than 70', () => {
  const narrow = draw(CHAIN, 464);
  const wide = draw(CHAIN, 740);
  const huge = draw(CHAIN, 4000);

  assert.equal(narrow.places[0].w, 80);
  assert.ok(narrow.width <= 464 && narrow.width > 440);
  assert.equal(wide.places[0].w, 98);
  assert.ok(wide.width <= 740 && wide.width > 720);
  assert.equal(huge.places[1].x - huge.places[0].x - huge.places[0].w, 70);
});

test('nothing overlaps, whatever the graph', () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
  const edges = names.flatMap((name, index) =>
    index < 3 ? [] : [`${names[Math.floor(random() * index)]}>${name}`, `${names[index - 3]}>${name}`]
  );

  const { places } = draw(graph(names, edges));

  const by = new Map<number, typeof places>();
  places.forEach(place => by.set(place.x, [...(by.get(place.x) ?? []), place]));
  for (const column of by.values()) {
    column.sort((a, b) => a.y - b.y);
    column.slice(1).forEach((place, index) => {
      assert.ok(place.y >= column[index].y + column[index].h + 5.5, `${place.id} overlaps`);
    });
  }
});

test('a circle in a document is drawn all the same', () => {
  const items = ['a', 'b', 'c'].map(id => ({ id, w: 10, h: 10 }));

  const found = layered(items, [['a', 'b'], ['b', 'c'], ['c', 'a'], ['a', 'a']], 5); // prettier-ignore

  assert.deepEqual(
    found.routes.map(route => route.from + route.to),
    ['ab', 'bc']
  );
});

test('crossings that an order can avoid are avoided', () => {
  const { places } = draw(graph(['a', 'b', 'c', 'd'], ['a>d', 'b>c']));
  const y = new Map(places.map(place => [place.id, place.y]));

  assert.equal(y.get('a')! < y.get('b')!, y.get('d')! < y.get('c')!);
});

test('a box holds its steps, and one edge joins a pair of boxes', () => {
  const boxes = graph(['one', 'one/a', 'one/b', 'two', 'two/c'], ['one>two', 'one/a>one/b']);

  const open = draw(boxes);
  const folded = draw(boxes, 622, ['one', 'two']);

  const [one, a] = ['one', 'one/a'].map(id => open.places.find(place => place.id === id)!);
  assert.ok(a.x > one.x && a.x + a.w < one.x + one.w && a.y > one.y && a.y + a.h < one.y + one.h);
  assert.equal(open.places.indexOf(one), 0);
  assert.equal(open.lines.filter(line => line.isBetweenBoxes).length, 1);
  assert.deepEqual(
    folded.places.map(place => [place.kind, place.w, place.h]),
    [
      ['folded', 150, 54],
      ['folded', 150, 54]
    ]
  );
});

test('over 25 steps nodes are one line high', () => {
  const names = Array.from({ length: 26 }, (_, index) => `step-${index}`);

  assert.equal(draw(graph(names.slice(1))).isDense, false);
  const { isDense, places } = draw(graph(names));
  assert.equal(isDense, true);
  assert.equal(places[0].h, 22);
});

test('a large workflow opens with what happens now, or as one box', () => {
  const names = ['live', 'idle'].flatMap(box => [
    box,
    ...Array.from({ length: 15 }, (_, i) => `${box}/${i}`)
  ]);
  const of = graph(names);
  const states = nodeStates(of, state('running', { 'live/3': 'running' }));
  const open = (limit: number) =>
    opening(of, states, 'p', limit, (one, folded) =>
      plan(one, { width: 622, size: 'card', folded, measure: text => 6 * text.length })
    );

  assert.deepEqual([...open(Infinity).folded], ['idle']);
  assert.deepEqual([...open(50).folded], ['live', 'idle']);
  assert.deepEqual([...open(10).folded], ['*']);
  assert.equal(nodeStates(open(10).graph, state('running', { 'live/3': 'done' })).get('*')?.total, 30);
});

test('a step run belongs to the node of its path, without parts and rounds', () => {
  const ids = new Set(['detect', 'detect/crop', '1', 'detect/2']);

  assert.equal(nodeOf('detect/0/crop/3', ids), 'detect/crop');
  assert.equal(nodeOf('detect/crop', ids), 'detect/crop');
  assert.equal(nodeOf('1', ids), '1');
  assert.equal(nodeOf('detect/2', ids), 'detect/2');
  assert.equal(nodeOf('other', ids), null);
});

test('a scatter shows how many of its parts are done, or failed', () => {
  const runs = { 'crop/0': 'done', 'crop/1': 'running', 'crop/2': 'waiting' } as const;
  const found = nodeStates(CHAIN, state('running', runs)).get('crop')!;
  const failed = nodeStates(CHAIN, state('failed', { ...runs, 'crop/1': 'failed' })).get('crop')!;

  assert.equal(nodeWord(found, english, true), 'running 1/3');
  assert.equal(nodeWord(found, english, true, true), '1/3');
  assert.equal(spoken('crop', found, english, true), 'crop, running, 1 of 3');
  assert.equal(nodeWord(failed, english, true), 'failed 1 of 3');
});

test('what has no run is waiting, not started, skipped or done', () => {
  const of = graph(['a', 'b?', 'c'], ['a>b', 'b>c']);
  const word = (status: JobStatus, runs: Record<string, StepState>) =>
    [...nodeStates(of, state(status, runs)).values()].map(found => found.state);

  assert.deepEqual(word('running', {}), ['waiting', 'waiting', 'waiting']);
  assert.deepEqual(word('failed', { a: 'failed' }), ['failed', 'none', 'none']);
  assert.deepEqual(word('running', { c: 'running' }), ['done', 'skipped', 'running']);
  assert.deepEqual(word('successful', { a: 'reused', c: 'done' }), ['reused', 'skipped', 'done']);
});

test('a box says what its steps say', () => {
  const of = graph(['box', 'box/a', 'box/b']);
  const box = (runs: Record<string, StepState>) => {
    const found = nodeStates(of, state('running', runs)).get('box')!;
    return [found.state, found.done, found.total];
  };

  assert.deepEqual(box({}), ['waiting', 0, 2]);
  assert.deepEqual(box({ 'box/a': 'done' }), ['running', 1, 2]);
  assert.deepEqual(box({ 'box/a': 'reused', 'box/b': 'reused' }), ['reused', 2, 2]);
  assert.deepEqual(box({ 'box/a': 'done', 'box/b': 'failed' }), ['failed', 1, 2]);
});

test('a step that is tried again says which try, and why it waits', () => {
  const runs = { otsu: { state: 'waiting', attempt: 2, reason: 'its node was lost' } } as const;
  const found = nodeStates(CHAIN, state('running', runs)).get('otsu')!;

  assert.equal(found.state, 'held');
  assert.equal(nodeWord(found, english, false), 'try 2');
  assert.equal(spoken('otsu', found, english, false), 'otsu, try 2, its node was lost');
});

test('keys lead along edges, by the way last used, and along a layer', () => {
  const drawn = draw(graph(['a', 'b', 'c', 'd'], ['a>b', 'a>c', 'b>d', 'c>d']));
  const last = new Map<string, string>();

  assert.equal(move(drawn, 'a', 'ArrowRight', last), 'b');
  assert.equal(move(drawn, 'b', 'ArrowDown', last), 'c');
  last.set('d', 'c');
  assert.equal(move(drawn, 'd', 'ArrowLeft', last), 'c');
  assert.equal(move(drawn, 'b', 'End', last), 'd');
  assert.equal(move(drawn, 'd', 'Home', last), 'a');
  assert.equal(move(drawn, 'a', 'ArrowUp', last), null);
  assert.equal(
    nextOf(drawn, 'c', id => id === 'b'),
    'b'
  );
});
