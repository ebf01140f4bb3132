import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnsi, plainText } from '../src/page/ansi';
import { contrast, readable, readColour, Rgb } from '../src/page/contrast';

const styles = (line: string) => parseAnsi(line).map(({ text, colour, isBold }) => [text, colour, isBold]);

test('the sixteen colours and bold are kept', () => {
  assert.deepEqual(styles('\u001b[31mred\u001b[0m plain \u001b[1;92mbright\u001b[39m bold'), [
    ['red', 1, false],
    [' plain ', null, false],
    ['bright', 10, true],
    [' bold', null, true]
  ]);
});

test('colours of 256 are kept below 16 and dropped above, with their arguments', () => {
  assert.deepEqual(styles('\u001b[38;5;3ma\u001b[38;5;200mb\u001b[38;2;1;2;31;1mc\u001b[48;5;1md'), [
    ['a', 3, false],
    ['b', null, false],
    ['c', null, true],
    ['d', null, true]
  ]);
});

for (const [what, line] of [
  ['clear screen', 'a\u001b[2Jb'],
  ['cursor', 'a\u001b[10;10Hb'],
  ['window title', 'a\u001b]0;title\u0007b'],
  ['link', '\u001b]8;;http://example.org\u001b\\a\u001b]8;;\u001b\\b'],
  ['clipboard', 'a\u001b]52;c;aGk=\u0007b'],
  ['device string', 'a\u001bPq#0\u001b\\b'],
  ['one-byte CSI', 'a\u009b31mb'],
  ['one-byte OSC', 'a\u009d0;x\u009cb'],
  ['alternate screen', 'a\u001b[?1049hb'],
  ['reset', 'a\u001bcb'],
  ['charset', 'a\u001b(0b'],
  ['bell, backspace, null', 'a\u0007\u0008\u0000b'],
  ['right-to-left override', 'a\u202eb'],
  ['isolates', 'a\u2066b\u2069'],
  ['key reports', 'a\u001b[>4;2mb'],
  ['sub-parameters', 'a\u001b[4:3mb']
] as const) {
  test(`a sequence that would move, name or hide (${what}) leaves only the text`, () =>
    assert.equal(plainText(line), 'ab'));
}

for (const cut of ['a\u001b', 'a\u001b[', 'a\u001b[31', 'a\u001b]0;tit', 'a\u001bPxx', 'a\u009b1;']) {
  test(`a sequence cut at the end (${JSON.stringify(cut)}) leaves the text before it`, () =>
    assert.equal(plainText(cut), 'a'));
}

test('a progress bar shows its last state', () => {
  assert.equal(plainText('10 %\r20 %\r30 %\r'), '30 %');
  assert.equal(plainText('done\r'), 'done');
});

test('markup, tabs and unicode stay as they are', () => {
  const line = '<img src=x onerror=alert(1)>\t日本 👩‍🔬 ñ';

  assert.equal(plainText(line), line);
});

test('a long line of escapes is read in bounded time', () => {
  const line = '\u001b['.repeat(100_000) + 'x' + '\u001b]'.repeat(100_000);

  assert.equal(plainText(line).includes('\u001b'), false);
});

test('a colour is mixed with the text until it can be read', () => {
  const yellow: Rgb = [255, 235, 59];
  const white: Rgb = [255, 255, 255];
  const black: Rgb = [0, 0, 0];

  const mixed = readable(yellow, black, [white]);

  assert.ok(contrast(yellow, white) < 4.5);
  assert.ok(contrast(mixed, white) >= 4.5);
  assert.ok(mixed[0] > 0);
  assert.deepEqual(readable(yellow, white, [black]), yellow);
});

test('computed colours are read, with what shows through', () => {
  assert.deepEqual(readColour('rgb(1, 2, 3)'), [1, 2, 3]);
  assert.deepEqual(readColour('rgba(0, 0, 0, 0.5)', [200, 100, 0]), [100, 50, 0]);
  assert.deepEqual(readColour('color(srgb 1 0 0.5)'), [255, 0, 127.5]);
});
