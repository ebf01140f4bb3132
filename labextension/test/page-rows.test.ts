import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IJobState } from '../src/model/job';
import { IStep, StepState } from '../src/model/wire';
import { countOf, findRow, isFolded, logOf, rowsOf, shownRows } from '../src/page/rows';

function node(id: string, parent: string | null = null, is_scatter = false) {
  return { id, label: id.split('/').pop()!, parent, is_scatter, kind: 'step' as const };
}

function step(path: string, state: StepState): IStep {
  return { path, name: path.split('/')[0], state, log: path.replaceAll('/', '.') };
}

function state(steps: IStep[], status: IJobState['job']['status'] = 'running'): IJobState {
  return {
    job: { jobID: 'j', processID: 'p', status, created: '2026-01-01T00:00:00Z' },
    steps: new Map(steps.map(found => [found.path, found])),
    graph: {
      nodes: [
        node('crop', null, true),
        node('sub'),
        node('sub/a', 'sub'),
        node('sub/b', 'sub'),
        node('stac')
      ],
      edges: [
        ['crop', 'sub'],
        ['sub/a', 'sub/b'],
        ['sub', 'stac']
      ]
    },
    seq: 1
  };
}

test('parts of a scatter stand below their step by their indices and count from 1', () => {
  const begun = [step('crop/10', 'running'), step('crop/9', 'running'), step('crop/0', 'done')];
  const [crop] = rowsOf(state(begun));

  assert.deepEqual(
    crop.children.map(part => [part.label, part.state, part.level]),
    [
      ['1', 'done', 2],
      ['10', 'running', 2],
      ['11', 'running', 2]
    ]
  );
  assert.equal(crop.state, 'running');
  assert.deepEqual(countOf(crop), [1, 3]);
});

test('a step without a run says what it waits for', () => {
  const tree = rowsOf(state([step('crop/0', 'running')]));

  assert.deepEqual(findRow(tree, 'sub')?.waitsFor, ['crop']);
  assert.deepEqual(findRow(tree, 'stac')?.waitsFor, ['sub']);
});

test('nothing waits in a job that ended', () => {
  const tree = rowsOf(state([step('crop/0', 'failed')], 'failed'));

  assert.deepEqual(findRow(tree, 'sub')?.waitsFor, []);
  assert.equal(findRow(tree, 'sub')?.state, 'none');
});

test('a sub-workflow runs until all of its steps have ended', () => {
  const half = rowsOf(state([step('sub/a', 'done')]));
  const whole = rowsOf(state([step('sub/a', 'done'), step('sub/b', 'reused')]));

  assert.equal(findRow(half, 'sub')?.state, 'running');
  assert.equal(findRow(whole, 'sub')?.state, 'done');
});

test('step runs of a scattered sub-workflow belong to its steps', () => {
  const tree = rowsOf(state([step('sub/0/a', 'done'), step('sub/1/a', 'failed')]));

  assert.deepEqual(
    findRow(tree, 'sub/a')?.children.map(part => part.label),
    ['1', '2']
  );
  assert.equal(findRow(tree, 'sub')?.state, 'failed');
});

test('steps stand in the order in which they can run', () => {
  const mixed = state([]);
  mixed.graph!.nodes.reverse();

  assert.deepEqual(
    rowsOf(mixed).map(row => row.key),
    ['crop', 'sub', 'stac']
  );
});

test('a single tool, which has no graph, is shown by its run', () => {
  const bare = { ...state([step('main', 'done')]), graph: null };

  assert.deepEqual(
    rowsOf(bare).map(row => row.key),
    ['main']
  );
});

test('many parts are folded until the person unfolds them', () => {
  const many = Array.from({ length: 11 }, (_, index) => step(`crop/${index}`, 'done'));
  const tree = rowsOf(state(many));

  assert.equal(isFolded(tree[0], new Map()), true);
  assert.equal(shownRows(tree, new Map([['crop', false]])).length, 11 + 5);
});

test('the log of a step is that of its failed run', () => {
  const tree = rowsOf(state([step('crop/0', 'done'), step('crop/1', 'failed'), step('crop/2', 'running')]));

  assert.equal(logOf(tree[0])?.path, 'crop/1');
});
