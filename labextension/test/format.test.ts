import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, duration, fileSize, grouped, measured, memory, timeLeft } from '../src/model/format';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

for (const [seconds, text] of [
  [0, '0 s'],
  [41.4, '41 s'],
  [59.6, '1 min'],
  [64, '1 min 4 s'],
  [9660, '2 h 41 min']
] as const) {
  test(`duration of ${seconds} s is ${text}`, () => assert.equal(plain(duration(seconds)), text));
}

for (const [seconds, text] of [
  [0.04, '0.0 s'],
  [0.455, '0.5 s'],
  [9.94, '9.9 s'],
  [9.97, '10 s'],
  [64, '1 min 4 s']
] as const) {
  test(`measured time of ${seconds} s is ${text}`, () => assert.equal(plain(measured(seconds)), text));
}

for (const [seconds, text] of [
  [1, '10 s'],
  [50, '50 s'],
  [51, '1 min'],
  [601, '15 min'],
  [7201, '3 h']
] as const) {
  test(`time left of ${seconds} s is rounded up to ${text}`, () =>
    assert.equal(plain(timeLeft(seconds)), text));
}

test('ago counts seconds, minutes and hours, then names the day', () => {
  const now = new Date(2026, 10, 25, 12, 0, 0).getTime();
  const before = (seconds: number) => plain(ago(now - seconds * 1000, now));

  assert.deepEqual([12, 120, 7200, 86400, 40 * 86400].map(before), [
    '12 s ago',
    '2 min ago',
    '2 h ago',
    'yesterday 12:00',
    '16 Oct 2026'
  ]);
});

test('files are decimal and memory is binary', () => {
  assert.deepEqual([812, 3400, 1_200_000, 20_000_000_000].map(fileSize).map(plain), [
    '812 B',
    '3.4 kB',
    '1.2 MB',
    '20 GB'
  ]);
  assert.deepEqual([512, 1536, 0.5].map(memory).map(plain), ['512 MiB', '1.5 GiB', '512 KiB']);
});

test('thousands are parted by a narrow space', () => {
  assert.equal(grouped(1234567), '1\u202f234\u202f567');
});
