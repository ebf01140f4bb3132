import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobsPath, NO_FILTER } from '../src/panel/filter';
import { countNewer, withFirstPage } from '../src/panel/merge';
import { dayWords, rowTime, rowWords } from '../src/panel/words';
import { IJob } from '../src/model/wire';
import { english } from '../src/model/words';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const job = (jobID: string, more: Partial<IJob> = {}): IJob => ({
  jobID,
  processID: 'crop',
  status: 'successful',
  created: '2026-11-25T10:00:00Z',
  ...more
});
const ids = (jobs: readonly IJob[]) => jobs.map(({ jobID }) => jobID).join('');
const list = (text: string) => [...text].map(id => job(id));

test('jobs are asked for by text, state, process, time and place', () => {
  const filter = {
    query: ' a&b ',
    status: ['failed', 'running'] as const,
    process: 'p/1',
    span: 'day' as const
  };
  const now = Date.parse('2026-11-25T12:00:00Z');

  assert.deepEqual(
    [...new URLSearchParams(jobsPath(filter, false, 50, 'j9', now)!.split('?')[1])],
    [
      ['limit', '50'],
      ['status', 'failed'],
      ['q', 'a&b'],
      ['processID', 'p/1'],
      ['datetime', '2026-11-24T12:00:00.000Z/..'],
      ['behind', 'j9']
    ]
  );
});

test('a list that no state of the filter can be in is not asked for', () => {
  const path = jobsPath({ ...NO_FILTER, status: ['failed'] }, true, 50, null, 0);

  assert.equal(path, null);
});

for (const [old, page, isWhole, found] of [
  ['cba', 'edc', false, 'edcba'],
  ['cba', 'dcb', false, 'dcba'],
  ['cba', 'zyx', false, 'zyx'],
  ['cba', 'ca', true, 'ca'],
  ['cba', '', true, '']
] as const) {
  test(`list ${old} with the first page ${page} read anew is ${found}`, () =>
    assert.equal(ids(withFirstPage(list(old), list(page), isWhole)), found));
}

test('newer jobs are those that the list does not have', () => {
  assert.equal(countNewer(list('cba'), list('edc')), 2);
});

test('a row says state and facts, and more of them where there is room', () => {
  const running = job('a', { status: 'running', progress: 46, current: 'crop 4 of 8' });

  assert.equal(rowWords(running, 'normal', english), 'Running · crop 4/8');
  assert.equal(plain(rowWords(running, 'wide', english)), 'Running · 46 % · crop 4/8');
  assert.equal(
    rowWords(
      job('a', {
        status: 'failed',
        failure: { class: 'memory', message: 'otsu\n<b>ran</b> out', remedy: '' }
      }),
      'normal',
      english
    ),
    'Failed · otsu <b>ran</b> out'
  );
});

test('the time of a row is what is left, what has passed, or when it ended', () => {
  const now = Date.parse('2026-11-25T10:03:00Z');
  const started = '2026-11-25T10:00:00Z';
  const at = (more: Partial<IJob>) => plain(rowTime(job('a', { started, ...more }), english, now));

  assert.equal(at({ status: 'running', time_left_s: 42 }), '50 s left');
  assert.equal(at({ status: 'running' }), '3 min');
  assert.equal(at({ finished: '2026-11-25T10:02:48Z' }), '12 s ago');
  assert.match(at({ created: '2026-11-20T10:00:00Z', finished: '2026-11-20T10:00:30Z' }), /^\d\d:\d\d$/);
});

test('days are today, yesterday, or named', () => {
  const now = new Date(2026, 10, 25, 12).getTime();
  const day = (year: number, month: number, date: number) =>
    dayWords(new Date(year, month, date), english, now);

  assert.deepEqual(
    [day(2026, 10, 25), day(2026, 10, 24), day(2026, 10, 22), day(2025, 10, 22)],
    ['Today', 'Yesterday', 'Sunday 22 November', 'Saturday 22 November 2025']
  );
});
