import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_PX, RowScroll } from '../src/page/scroll';

function scroll(count: number): RowScroll {
  const rows = new RowScroll(18, 80);
  rows.count = count;
  rows.view = 360;
  return rows;
}

test('few rows are all in view', () => {
  const rows = scroll(5);

  assert.deepEqual([rows.row, rows.last, rows.isAtEnd], [0, 5, true]);
});

test('a short way is walked row by row', () => {
  const rows = scroll(1000);

  rows.take(27);

  assert.deepEqual([rows.row, rows.into, rows.last], [1, 9, 22]);
});

test('ten million rows have an end that the bar reaches', () => {
  const rows = scroll(10_000_000);

  rows.take(MOST_PX - 360);

  assert.equal(rows.size, MOST_PX);
  assert.equal(rows.last, 10_000_000);
  assert.equal(rows.isAtEnd, true);
});

test('in ten million rows one turn of the wheel is a few rows, and the bar follows', () => {
  const rows = scroll(10_000_000);
  rows.take(MOST_PX / 2);
  const middle = rows.row;

  rows.take(MOST_PX / 2 + 90);

  assert.ok(Math.abs(middle - 5_000_000) < 500);
  assert.equal(rows.row - middle, 5);
  assert.ok(Math.abs(rows.settled() - MOST_PX / 2) < 5);
});

test('high rows are walked by their own height', () => {
  const rows = scroll(1000);
  rows.heights.set(0, 900);

  rows.take(100);
  assert.deepEqual([rows.row, rows.into, rows.last], [0, 100, 1]);

  rows.take(700);
  rows.take(910);
  assert.deepEqual([rows.row, rows.into], [1, 10]);
});

test('a row that is in view stays where it is, one that is far comes to the middle', () => {
  const rows = scroll(1000);

  rows.show(10);
  assert.equal(rows.row, 0);

  rows.show(500);
  assert.equal(rows.row, 490);

  rows.show(509);
  rows.show(510);
  assert.equal(rows.row, 491);
});

test('never more rows than may be drawn', () => {
  const rows = scroll(1000);
  rows.view = 18 * 200;

  assert.equal(rows.last - rows.row, 80);
});
