import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IField } from '../src/model/wire';
import { english } from '../src/model/words';
import { Draft, draftOf, entry } from '../src/form/draft';
import { parseExact, stringifyExact } from '../src/form/json';
import { firstColumn, paired } from '../src/form/layout';
import { drawable, FormModel } from '../src/form/model';
import { read } from '../src/form/reading';

const context = { trans: english, root: '/home/me' };
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

function field(kind: IField['kind'], more: Partial<IField> = {}): IField {
  return { name: 'x', label: 'X', kind, required: false, ...more };
}

function sent(one: IField, draft: Draft): string {
  const { value, faults } = read(one, draft, one.name, context);
  assert.deepEqual(faults, []);
  return value === undefined ? 'nothing' : stringifyExact(value);
}

function said(one: IField, draft: Draft): string[] {
  return read(one, draft, one.name, context).faults.map(({ message }) => plain(message));
}

const range = { minimum: 0, maximum: 100, unit: '%' };
const item = field('text', { name: 'item' });

for (const [what, one, draft, json] of [
  ['a text', field('text'), 'a "b"', '"a \\"b\\""'],
  ['the empty text', field('text'), '', '""'],
  ['zero', field('integer'), '0', '0'],
  ['false', field('boolean', { default: true }), false, 'false'],
  ['the empty list', field('array', { item }), [], '[]'],
  ['a default', field('integer', { default: 5 }), undefined, 'nothing'],
  ['a blank number', field('number', { default: 5 }), ' ', 'nothing'],
  ['1e3 as a whole number', field('integer'), '1e3', '1000'],
  ['1.50e1 as a whole number', field('integer'), '1.50e1', '15'],
  ['a whole number beyond 2^53', field('integer'), '9007199254740993', '9007199254740993'],
  ['a number beyond 2^53', field('number'), '9007199254740993', '9007199254740993'],
  ['a small number', field('number'), '2e-3', '0.002'],
  ['a typographic minus', field('number'), '\u22121.5', '-1.5'],
  ['an index', field('choice', { options: ['a', 7] }), 1, '7'],
  ['a day', field('date'), '2024-02-29', '"2024-02-29"'],
  ['a time without a zone', field('datetime'), '2024-07-01 10:00', '"2024-07-01T10:00:00Z"'],
  ['a time with a zone', field('datetime'), '2024-07-01T10:00:00.5+0130', '"2024-07-01T10:00:00.5+01:30"'],
  [
    'an interval as text',
    field('interval', { schema: { type: 'string' } }),
    ['2024-07-01', ''],
    '"2024-07-01/.."'
  ],
  [
    'an interval as object',
    field('interval', { schema: { properties: { start: {}, end: {} } } }),
    ['2024-07-01', '2024-07-02'],
    '{"start": "2024-07-01", "end": "2024-07-02"}'
  ],
  [
    'a box',
    field('bbox', { schema: { type: 'array' } }),
    ['-2.9', '53.1', '-1.7', '53.8'],
    '[-2.9, 53.1, -1.7, 53.8]'
  ],
  ['a box as text', field('bbox', { schema: { type: 'string' } }), ['1', '2', '3', '4'], '"1,2,3,4"'],
  [
    'a path',
    field('file'),
    'scenes/a b.tif',
    '{"class": "File", "location": "file:///home/me/scenes/a%20b.tif"}'
  ],
  [
    'a path of the RTC drive',
    field('file'),
    'RTC:a.tif',
    '{"class": "File", "location": "file:///home/me/a.tif"}'
  ],
  ['an absolute folder', field('directory'), '/data/', '{"class": "Directory", "location": "file:///data"}'],
  ['an address', field('file'), 's3://b/k.tif', '{"class": "File", "location": "s3://b/k.tif"}'],
  ['JSON', field('json'), '{"a": 12345678901234567890}', '{"a": 12345678901234567890}'],
  ['null as JSON', field('json'), 'null', 'null']
] as [string, IField, Draft, string][]) {
  test(`${what} is sent as ${json}`, () => assert.equal(sent(one, draft), json));
}

for (const [what, one, draft, messages] of [
  ['an input that is needed', field('text', { required: true }), undefined, ['This input is needed.']],
  [
    'a required record',
    field('record', { required: true, fields: [field('text', { required: true })] }),
    undefined,
    ['This input is needed.']
  ],
  ['too much', field('number', range), '120', ['At most 100 %.']],
  ['too little', field('integer', { minimum: 1 }), '0', ['At least 1.']],
  ['what is excluded', field('number', { exclusive_minimum: 0 }), '0', ['More than 0.']],
  ['no multiple', field('number', { schema: { multipleOf: 0.1 } }), '0.35', ['A multiple of 0.1.']],
  ['a part of a whole', field('integer'), '1.5', ['A whole number.']],
  ['no number', field('number'), '0,5', ['A number.']],
  ['more than 64 bits', field('integer'), '9223372036854775808', ['At most 9223372036854775807.']],
  ['more than any number', field('number'), '1e999', ['Too large for a number.']],
  ['no day', field('date'), '2024-13-01', ['Not a date: 2024-13-01.']],
  ['no leap day', field('date'), '2023-02-29', ['Not a date: 2023-02-29.']],
  [
    'an interval that ends early',
    field('interval'),
    ['2024-07-01', '2024-06-15'],
    ['To is before From (1 July 2024).']
  ],
  ['a longitude too far', field('bbox'), ['-181', '0', '1', '1'], ['West is not between \u2212180 and 180.']],
  ['a box upside down', field('bbox'), ['0', '2', '1', '1'], ['North is not above South.']],
  ['half a box', field('bbox'), ['0', '', '1', '1'], ['South is missing.']],
  [
    'too many entries',
    field('array', { item, max_items: 1 }),
    [entry('a'), entry('b')],
    ['At most 1 entry; there are 2.']
  ],
  [
    'too few entries',
    field('array', { item, min_items: 2 }),
    [entry('a')],
    ['At least 2 entries; there is 1.']
  ],
  [
    'a wrong entry',
    field('array', { item: field('integer') }),
    [entry('1'), entry('x')],
    ['A whole number.']
  ],
  ['another drive', field('file'), 'S3:b/a.tif', ['Files of the drive “S3” are not on the server’s disk.']],
  [
    'no geometry',
    field('geometry'),
    'POINT (1 99)',
    ['No geometry: 1, 99 is not a longitude and a latitude; give degrees (EPSG:4326).']
  ],
  [
    'a text too long',
    field('text', { max_length: 2 }),
    '\u{1f30d}ab',
    ['At most 2 characters; there are 3.']
  ],
  ['a text of another form', field('text', { pattern: '^EPSG:\\d+$' }), 'x', ['Not as ^EPSG:\\d+$.']]
] as [string, IField, Draft, string[]][]) {
  test(`${what} is refused: ${messages.join(' ')}`, () => assert.deepEqual(said(one, draft), messages));
}

test('a union sends the chosen kind, and shows a value by the kind that fits', () => {
  const union = field('union', { required: true, choices: [field('file'), field('text'), field('integer')] });
  const shown = draftOf(union, 'abc') as { kind: number };

  assert.equal(shown.kind, 1);
  assert.equal(sent(union, { kind: 2, drafts: [undefined, 'abc', '7'] }), '7');
});

test('a record sends its default with what was changed', () => {
  const record = field('record', {
    default: { resolution: 10, projection: 'EPSG:32630' },
    fields: [field('number', { name: 'resolution' }), field('text', { name: 'projection' })]
  });

  assert.equal(sent(record, undefined), 'nothing');
  assert.equal(sent(record, { resolution: '20' }), '{"resolution": 20, "projection": "EPSG:32630"}');
});

test('a file of a job keeps what the form does not show, until another is named', () => {
  const had = {
    class: 'File',
    location: 'file:///a%20b.tif',
    secondaryFiles: [{ class: 'File', location: 'file:///c' }]
  };
  const draft = draftOf(field('file'), had) as { text: string };

  assert.equal(draft.text, '/a b.tif');
  assert.equal(sent(field('file'), draft), stringifyExact(had));
});

test('drafts of sent values send the same again', () => {
  const fields = [
    field('text'),
    field('integer'),
    field('array', { item: field('directory') }),
    field('bbox', { schema: { type: 'array' } }),
    field('interval', { schema: { type: 'string' } }),
    field('json')
  ];
  const values = [
    '',
    2n ** 60n,
    [{ class: 'Directory', location: 'file:///a' }],
    [1, 2, 3, 4.5],
    '2024-01-01/..',
    { a: [null] }
  ];

  fields.forEach((one, index) =>
    assert.equal(sent(one, draftOf(one, values[index])), stringifyExact(values[index]))
  );
});

test('JSON keeps whole numbers exactly, and texts that look like them', () => {
  const text = '{"a": [9007199254740993, -9007199254740993, 1.5], "b": "9007199254740993"}';

  assert.equal(stringifyExact(parseExact(text)), text);
});

test('what the form cannot draw is edited as JSON', () => {
  assert.equal(drawable(field('hologram' as IField['kind'])).kind, 'json');
  assert.equal(drawable(field('array')).kind, 'json');
  assert.equal(drawable(field('array', { item: field('union', { choices: [] }) })).item?.kind, 'json');
});

function model(fields: IField[]): FormModel {
  return new FormModel({ process: 'p', revision: 1, fields }, context);
}

test('a form sends only what was given', () => {
  const form = model([
    field('integer', { name: 'a', default: 1 }),
    field('text', { name: 'b' }),
    field('text', { name: 'c' })
  ]);
  form.set('b', 'x');

  assert.equal(form.body, '{"inputs": {"b": "x"}}');
});

test('a form keeps its key until something changes', () => {
  const form = model([field('text')]);
  const first = form.key;
  form.visit('x');
  assert.equal(form.key, first);

  form.set('x', 'other');
  assert.notEqual(form.key, first);
});

test('a field that the form itself focused says nothing when it is left as it was, once', () => {
  const form = model([field('text', { required: true })]);
  const shown = () => form.shownFaults.length;
  form.spare('x');
  form.visit('x');
  assert.equal(shown(), 0);
  form.visit('x');
  assert.equal(shown(), 1);

  const typed = model([field('integer', { required: true })]);
  typed.spare('x');
  typed.set('x', 'no number');
  typed.visit('x');
  assert.equal(typed.shownFaults.length, 1);
});

test('a form filled from a job says what was changed and what has no place', () => {
  const form = model([field('integer', { name: 'a', default: 20 }), field('text', { name: 'b' })]);
  const left = form.fill({ jobID: 'j', inputs: { b: 'x', gone: 1 } });
  assert.deepEqual(left, ['gone']);
  assert.deepEqual(form.changes, []);

  form.set('a', '35');
  assert.deepEqual(
    form.changes.map(one => one.name),
    ['a']
  );
  form.set('a', '20');
  assert.deepEqual(form.changes, []);
});

test('what the runner refuses stands at its field until that is changed', () => {
  const form = model([field('text', { name: 'a' }), field('text', { name: 'b' })]);
  assert.deepEqual(form.refuse({ a: 'is needed', other: 'no such input' }), ['other: No such input.']);
  assert.deepEqual(
    form.shownFaults.map(one => [one.path, one.message]),
    [['a', 'Is needed.']]
  );

  form.set('a', 'x');
  assert.deepEqual(form.shownFaults, []);
});

test('faults are shown where a person was, all of them after a launch', () => {
  const form = model([
    field('text', { name: 'a', required: true }),
    field('text', { name: 'b', required: true })
  ]);
  assert.equal(form.shownFaults.length, 0);
  form.visit('b');
  assert.deepEqual(
    form.shownFaults.map(one => one.path),
    ['b']
  );

  form.showAll();
  assert.deepEqual(
    form.shownFaults.map(one => one.path),
    ['a', 'b']
  );
});

test('secrets are not kept', () => {
  const hidden = field('record', { name: 'r', fields: [field('secret', { name: 's' })] });
  const form = model([field('secret', { name: 'a' }), hidden, field('text', { name: 'b' })]);
  form.set('a', 'hush');
  form.set('b', 'x');

  assert.deepEqual(Object.keys(form.kept), ['b']);
});

test('short fields that follow each other stand in pairs', () => {
  const kinds = (['number', 'date', 'integer', 'text', 'number'] as const).map(kind => field(kind));

  assert.deepEqual(
    paired(kinds).map(one => one.isHalf),
    [true, true, false, false, false]
  );
});

test('two columns end at about the same height, and no pair is parted', () => {
  const text = field('text');
  assert.equal(firstColumn([field('file'), field('bbox'), text, text, text, text, text]), 2);
  assert.equal(firstColumn([text, text, text, text]), 2);
  assert.equal(firstColumn([text, field('bbox'), text]), 2);
  assert.notEqual(firstColumn([text, field('number'), field('number'), text]), 2);
});
