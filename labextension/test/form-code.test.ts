import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Day, Reference, Secret } from '../src/form/leaf';
import { magicCode, quoted } from '../src/form/magic';
import { pythonCode, pythonValue } from '../src/form/python';

const text = { type: 'string' };

for (const [value, code] of [
  [true, 'True'],
  [null, 'None'],
  [2n ** 60n, '1152921504606846976'],
  ['it\'s "so"\n$x {y} \u{1f30d}', '"it\'s \\"so\\"\\n$x {y} \u{1f30d}"'],
  [['a', 1.5], '["a", 1.5]'],
  [{ a: false, b: undefined }, '{"a": False}'],
  [new Day('2024-07-01'), 'date(2024, 7, 1)'],
  [new Reference('File', 'file:///a%20b.tif'), '"/a b.tif"'],
  [new Reference('File', 's3://b/k'), '"s3://b/k"'],
  [new Secret('token', 'hush'), 'getpass("token: ")']
] as [unknown, string][]) {
  test(`Python writes ${code}`, () => assert.equal(pythonValue(value), code));
}

test('Python code imports what it uses and takes any name', () => {
  const code = pythonCode('p', [
    ['start', new Day('2024-07-01')],
    ['in', 1],
    ['my-input', 'x']
  ]);

  assert.equal(
    code,
    'from datetime import date\n\nfrom eodh_jupyter import Client\n\njob = Client().process("p").execute(\n' +
      '    start=date(2024, 7, 1),\n    **{"in": 1},\n    **{"my-input": "x"},\n)\n'
  );
});

for (const [word, shown] of [
  ['scene=/a/b.tif', 'scene=/a/b.tif'],
  ['a=b c', "'a=b c'"],
  ["a=it's", `'a=it'"'"'s'`],
  ['a=$HOME {x}', "'a=$HOME {x}'"],
  ['a=x;', "'a=x;'"],
  ['a=', 'a=']
] as const) {
  test(`a magic quotes ${word} as ${shown}`, () => assert.equal(quoted(word), shown));
}

for (const [what, name, value, schema, line] of [
  ['a text', 'a', 'x y', text, "'a=x y'"],
  ['the empty text', 'a', '', text, 'a='],
  ['a number', 'a', 2n ** 60n, { type: 'integer' }, 'a=1152921504606846976'],
  ['a flag', 'a', false, { type: 'boolean' }, 'a=false'],
  ['a day', 'a', new Day('2024-07-01'), text, 'a=2024-07-01'],
  ['a file', 'a', new Reference('File', 'file:///a%20b'), { 'x-cwl-class': 'File' }, "'a=/a b'"],
  ['entries', 'a', ['x y', "it's"], { type: 'array', items: text }, 'a=["x y","it\'s"]'],
  ['no entries', 'a', [], { type: 'array', items: text }, 'a=[]'],
  [
    'a box',
    'a',
    [-2.9, 53.1, -1.7, 53.8],
    { type: 'object', properties: { bbox: {} } },
    'a=-2.9,53.1,-1.7,53.8'
  ],
  ['an object', 'a', { b: new Reference('File', 'file:///c') }, { type: 'object' }, 'a={"b":"/c"}'],
  ['a text of any kind', 'a', '5', {}, `'a="5"'`],
  ['a text that begins with a dollar', 'a', '$scene', text, "'a=$$scene'"],
  ['GeoJSON as text', 'a', '{"type":"Point"}', text, `'a={"type":"Point"}'`],
  ['a name with spaces', 'a b', ['x'], { type: 'array' }, `-i 'a b=["x"]'`]
] as [string, string, unknown, any, string][]) {
  test(`a magic writes ${what} as ${line}`, () =>
    assert.equal(magicCode('p', [[name, value, schema]]), `%workflow launch p ${line}\n`));
}

for (const [what, value] of [
  ['of two lines', 'a\nb'],
  ['with a line separator', 'a\u2028b']
] as const) {
  test(`a magic takes a text ${what} from a variable`, () => {
    const [assignment, magic] = magicCode('p', [['note', value, text]])
      .trimEnd()
      .split('\n');

    assert.match(assignment, /^note = "/);
    assert.equal(magic, '%workflow launch p note=$note');
  });
}

test('a magic asks for a secret', () => {
  const code = magicCode('p', [['token', new Secret('token', 'hush'), text]]);

  assert.ok(!code.includes('hush'));
  assert.match(code, /^from getpass import getpass\ntoken = getpass\("token: "\)\n/);
});
