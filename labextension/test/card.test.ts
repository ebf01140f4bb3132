import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellFor, codeFor, resultsOf, resultTotal } from '../src/card/result';
import { footFacts, failureFacts } from '../src/card/facts';
import { jobHeadline, lostLine, unknownLine } from '../src/card/line';
import { readSaved } from '../src/card/saved';
import { lastLines } from '../src/card/tail';
import { IJobState, liveJob } from '../src/model/job';
import { english } from '../src/model/words';
import { IJob, IStep } from '../src/model/wire';

const JOB: IJob = {
  jobID: '3f9a1c2e-0000-4000-8000-000000000000',
  processID: 'vegetation-extent',
  status: 'running',
  created: '2026-11-25T10:41:00Z',
  started: '2026-11-25T10:41:07Z'
};
const NOW = Date.parse('2026-11-25T10:43:07Z');

function state(job: Partial<IJob>, ...steps: Partial<IStep>[]): IJobState {
  const all = steps.map((step): [string, IStep] => [
    step.path!,
    { name: step.path!, state: 'done', ...step } as IStep
  ]);
  return { job: { ...JOB, ...job }, steps: new Map(all), graph: null, seq: 1 };
}

test('what was saved is read, and what is not a job is refused', () => {
  const saved = readSaved({
    version: 1,
    jobID: JOB.jobID,
    processID: 'ndvi\u202e',
    saved: '2026-11-25T10:50:00Z',
    status: { status: 'successful', progress: 100, created: JOB.created },
    steps: [{ path: 'crop/0', state: 'done', wall_s: 2 }, { path: 'a', state: '<b>' }, 7],
    results: [{ name: 'mask', kind: 'file', title: 'm.tif', type: 'image/tiff', length: 3 }],
    result_count: 4
  })!;

  assert.equal(saved.state.job.status, 'successful');
  assert.equal(saved.state.job.processID, 'ndvi ');
  assert.equal(saved.state.steps.get('a')?.state, 'waiting');
  assert.equal(saved.results[0].type, 'GeoTIFF');
  assert.equal(saved.resultCount, 4);
  for (const wrong of [null, 7, {}, { jobID: '../x' }, { jobID: 'a/b' }, { jobID: 3 }]) {
    assert.equal(readSaved(wrong), null);
  }
});

test('a snapshot with members of the wrong types is still a card', () => {
  const saved = readSaved({ jobID: 'j', status: { status: 'odd', progress: 'x' }, steps: {}, graph: [1] })!;

  assert.equal(saved.state.job.status, 'accepted');
  assert.equal(saved.state.graph, null);
  assert.deepEqual(saved.results, []);
});

test('results are listed in their order; entries of lists stand for themselves', () => {
  const link = (title: string, type: string, length?: number) => ({ href: 'x', title, type, length });
  const found = resultsOf(
    {
      mask: link('m.tif', 'image/tiff; application=geotiff', 1200000),
      tiles: [link('a.png', 'image/png', 5), link('b.png', 'image/png')],
      stac: { ...link('stac', 'application/json'), rel: 'directory' },
      area: 1.5,
      nothing: null
    },
    english
  );

  assert.deepEqual(
    found.map(result => [result.name, result.type, result.text]),
    [
      ['mask', 'GeoTIFF', null],
      ['tiles/0', 'PNG', null],
      ['tiles/1', 'PNG', null],
      ['stac', 'Folder', null],
      ['area', '', '1.5'],
      ['nothing', '', 'null']
    ]
  );
  assert.equal(resultTotal(found, english), 'Results · 6 objects, 1.2\u00a0MB');
});

test('the Python of a result is one that runs, whatever its name', () => {
  const code = (name: string, type: string, text: string | null = null) =>
    codeFor(JOB.jobID, { name, title: '', type, size: null, isFile: text === null, text });

  assert.equal(code('mask', 'GeoTIFF'), 'mask = Client().job("3f9a1c2e").results["mask"].to_xarray()');
  assert.equal(code('tiles/1', 'PNG'), 'tiles = Client().job("3f9a1c2e").results["tiles"][1].path()');
  assert.equal(code('1-x"\n', 'CSV'), '_1_x__ = Client().job("3f9a1c2e").results["1-x\\"\\n"].to_pandas()');
  assert.equal(code('class', '', '1.5'), 'class_ = Client().job("3f9a1c2e").results["class"].value');
  assert.match(
    cellFor(JOB.jobID, resultsOf({ a: 1 }, english)[0]),
    /^from eodh_jupyter import Client\n\na = /
  );
});

test('the last lines are those that a terminal would show', () => {
  assert.deepEqual(lastLines('a\nb\nc\nd\n', false), ['b', 'c', 'd']);
  assert.deepEqual(lastLines('0 %\r50 %\r100 %', false), ['100 %']);
  assert.deepEqual(lastLines('\u001b[31mred\u001b[0m\u202e<b>\n', false), ['red <b>']);
  assert.deepEqual(lastLines('long', true), ['…long']);
  assert.equal(lastLines('x'.repeat(5000), false)[0].length, 501);
  assert.deepEqual(lastLines('', false), []);
});

test('a running job says what runs now, of how many', () => {
  const found = liveJob(
    state(
      {},
      { path: 'crop/0', state: 'done' },
      { path: 'crop/1', state: 'running', started: '2026-11-25T10:42:00Z' },
      { path: 'crop/2', state: 'waiting' },
      { path: 'a', state: 'running', started: '2026-11-25T10:41:30Z' }
    )
  );

  assert.equal(found.current, 'crop 1 of 3');
  assert.deepEqual(found.steps, { total: 4, done: 1, running: 2, failed: 0, reused: 0 });
});

test('the first line tells what holds a job up, and for how long', () => {
  const job = { ...JOB, progress: 20, steps: { total: 2, done: 1, running: 0, failed: 0, reused: 0 } };
  const line = jobHeadline(job, { name: 'crop', since: NOW - 180000 }, false, english, NOW);

  assert.deepEqual(line, { icon: 'held', word: 'Running', facts: ['20\u00a0%', 'crop waits, 3\u00a0min'] });
});

test('a lost job says when it was seen, an unknown one when it was saved', () => {
  assert.deepEqual(lostLine({ ...JOB, progress: 46 }, NOW - 20000, english, NOW).facts, [
    'last seen running, 46\u00a0%, 20\u00a0s ago'
  ]);
  assert.deepEqual(unknownLine({ ...JOB, status: 'successful' }, '2026-03-12T10:00:00Z', english).facts, [
    'saved as successful on 12 Mar 2026'
  ]);
});

test('the foot says what each state is about', () => {
  const texts = (found: IJobState, place: string | null = null) =>
    footFacts(found, place, english, NOW).map(fact => fact.text);
  const ended = { finished: '2026-11-25T10:42:11Z' };

  assert.deepEqual(texts(state({ status: 'accepted', inputs: { a: 1 } }), 'local'), [
    'This computer',
    'sent 2\u00a0min ago',
    '1 input'
  ]);
  assert.deepEqual(texts(state({}, { path: 'a', state: 'running', cores: 2, ram_mib: 4096 })), [
    'started 2\u00a0min ago',
    '2 cores, 4\u00a0GiB'
  ]);
  assert.deepEqual(
    texts(state({ status: 'failed', ...ended }, { path: 'a' }, { path: 'b', state: 'failed' })),
    ['ended 56\u00a0s ago', '1 done, 1 failed']
  );
  assert.deepEqual(
    texts(state({ status: 'dismissed', ...ended }, { path: 'a' })).pop(),
    'Logs and the outputs of 1 finished step are kept.'
  );
  assert.deepEqual(
    texts(state({ status: 'successful', ...ended, revision: 3, process_revision: 5 })).pop(),
    'Ran with revision 3; the deployed process is now revision 5.'
  );
});

test('all failed parts are named', () => {
  const found = state(
    { status: 'failed' },
    { path: 'crop/0', state: 'failed', attempt: 2 },
    { path: 'crop/1', state: 'failed' },
    { path: 'crop/2' }
  );

  assert.deepEqual(failureFacts(found, english), [
    '2 of 3 step runs failed: crop/0, crop/1',
    'It was tried 2 times.'
  ]);
});
