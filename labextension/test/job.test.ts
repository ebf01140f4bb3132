import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IJobState, withEvent } from '../src/model/job';
import { IEvent } from '../src/model/wire';

const state: IJobState = {
  job: { jobID: 'j', processID: 'p', status: 'accepted', created: '2026-01-01T00:00:00Z' },
  steps: new Map(),
  graph: null,
  seq: 4
};

function event(seq: number, kind: IEvent['kind'], data: IEvent['data']): IEvent {
  return { seq, position: seq, time: '2026-01-01T00:00:09Z', kind, jobID: 'j', data };
}

test('an event that follows becomes part of the state', () => {
  const next = withEvent(state, event(5, 'job', { status: 'running', message: 'goes', progress: 0 }));

  assert.equal(next?.job.status, 'running');
  assert.equal(next?.job.started, '2026-01-01T00:00:09Z');
  assert.equal(next?.seq, 5);
  assert.equal(state.job.status, 'accepted');
});

test('an event that was seen changes nothing', () => {
  assert.equal(withEvent(state, event(4, 'job', { status: 'failed' })), state);
});

test('a gap is told, so that all is read anew', () => {
  assert.equal(withEvent(state, event(6, 'job', { status: 'failed' })), null);
});

test('a step keeps what earlier events said of it', () => {
  const first = withEvent(state, event(5, 'step', { path: 'a', name: 'a', state: 'running', cores: 2 }));
  const last = withEvent(first!, event(6, 'step', { path: 'a', name: 'a', state: 'done', wall_s: 3 }));

  assert.deepEqual(last?.steps.get('a'), { path: 'a', name: 'a', state: 'done', cores: 2, wall_s: 3 });
});
