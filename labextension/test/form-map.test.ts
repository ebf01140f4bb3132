import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Box, boxOf, sizeKm, wrapped } from '../src/form/extent';
import { boxFromText, extentOf, parseGeometry, polygonOf, shapedGeometry } from '../src/form/geometry';
import { shifted } from '../src/form/map';
import { absolutePath, browserPath, uriOf } from '../src/form/places';
import {
  fit,
  graticule,
  isShown,
  keyStep,
  longitudeLabel,
  project,
  unproject,
  world,
  zoomed
} from '../src/form/projection';
import { toWkt } from '../src/form/wkt';

const view = { longitude: -2.3, latitude: 53.4, scale: 60, width: 488, height: 240 };

test('a place that is projected comes back', () => {
  const [longitude, latitude] = unproject(view, ...project(view, -1.7, 53.8));

  assert.ok(Math.abs(longitude + 1.7) < 1e-9 && Math.abs(latitude - 53.8) < 1e-9);
});

test('zooming keeps the place under the pointer', () => {
  const before = unproject(view, 100, 50);
  const after = unproject(zoomed(view, 2, 100, 50), 100, 50);

  assert.ok(Math.abs(before[0] - after[0]) < 0.2 && Math.abs(before[1] - after[1]) < 1e-6);
});

for (const box of [
  [-2.9, 53.1, -1.7, 53.8],
  [170, -20, -170, -10],
  [-180, -90, 180, 90]
] as Box[]) {
  test(`a map fits ${box}`, () => assert.ok(isShown(fit(box, 488, 240), box) || box[3] === 90));
}

test('the grid has round lines, and few', () => {
  const { meridians, parallels } = graticule(view);

  assert.ok(parallels.includes(53) && meridians.includes(-2));
  assert.ok(graticule(world(488, 240)).meridians.length < 16);
});

test('a key moves a box by a round number of degrees', () => {
  assert.equal(keyStep(view), 0.1);
  assert.equal(keyStep({ ...view, scale: 1 }), 5);
});

for (const [longitude, label] of [
  [-2, '2° W'],
  [182, '178° W'],
  [180, '180°'],
  [0, '0°']
] as const) {
  test(`the meridian ${longitude} is called ${label}`, () =>
    assert.equal(longitudeLabel(longitude).replace('\u00a0', ' '), label));
}

test('a box that is resized past its other side turns over', () => {
  assert.deepEqual(shifted([0, 0, 2, 2], [-3, 0], [1, 0]), [-1, 0, 0, 2]);
});

test('a box is moved no further than the pole', () => {
  assert.deepEqual(shifted([0, 80, 2, 89], [0, 5], null), [0, 81, 2, 90]);
});

for (const [text, box] of [
  ['-2.9, 53.1, -1.7, 53.8', [-2.9, 53.1, -1.7, 53.8]],
  ['[\u22122.9 53.1 \u22121.7 53.8]', [-2.9, 53.1, -1.7, 53.8]],
  ['POLYGON ((0 0, 4 0, 4 3, 0 0))', [0, 0, 4, 3]],
  ['SRID=4326;POINT Z (1 2 3)', [1, 2, 1, 2]],
  [
    '{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]}}',
    [1, 2, 3, 4]
  ],
  ['MULTIPOLYGON (((170 0,180 0,180 5,170 0)),((-180 0,-170 0,-180 5,-180 0)))', [170, 0, -170, 5]]
] as [string, Box][]) {
  test(`${text} pasted is the box ${box}`, () => assert.deepEqual(boxFromText(text), box));
}

test('a number pasted is no box', () => assert.equal(boxFromText('53.1'), null));

for (const [text, message] of [
  ['POLYGON ((0 0, 1 0, 1 1))', /does not end where it begins/],
  ['SRID=32630;POINT (500000 5900000)', /EPSG:32630/],
  ['POINT (500000 5900000)', /is not a longitude and a latitude/],
  ['POLYGON ((0 0, 1 0', /bracket/],
  ['{"type":"Polygon"', /not GeoJSON/],
  ['{"type":"Polygon","coordinates":[]}', /empty/],
  ['hello', /not GeoJSON or WKT/],
  ['{"type":"Point","coordinates":[1,"2"]}', /two numbers/]
] as [string, RegExp][]) {
  test(`${text} is no geometry: ${message.source}`, () =>
    assert.throws(() => parseGeometry(text), { message }));
}

for (const wkt of [
  'POINT (1 2)',
  'LINESTRING (1 2, 3 4)',
  'POLYGON ((0 0, 4 0, 4 3, 0 0))',
  'MULTIPOINT (1 2, 3 4)',
  'GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))'
]) {
  test(`${wkt} is written as it was read`, () => assert.equal(toWkt(parseGeometry(wkt)), wkt));
}

test('a box across the date line is a polygon of two parts, and back', () => {
  const polygon = polygonOf([170, -20, -170, -10]);

  assert.equal(polygon.type, 'MultiPolygon');
  assert.deepEqual(extentOf(polygon), [170, -20, -170, -10]);
});

test('a geometry takes the form that the schema asks for', () => {
  const point = parseGeometry('POINT (1 2)');

  assert.equal(shapedGeometry(point, { type: 'string' }), '{"type":"Point","coordinates":[1,2]}');
  assert.equal(shapedGeometry(point, { type: 'string', format: 'wkt' }), 'POINT (1 2)');
  assert.deepEqual(shapedGeometry(point, { properties: { type: { enum: ['Feature'] } } }), {
    type: 'Feature',
    geometry: point,
    properties: {}
  });
  assert.throws(
    () => shapedGeometry(point, { properties: { type: { enum: ['Polygon'] } } }),
    /Polygon is needed/
  );
});

test('a box has a size on the ground', () => {
  assert.deepEqual(sizeKm([-2.9, 53.1, -1.7, 53.8]).map(Math.round), [80, 78]);
});

test('boxes are read from all their forms', () => {
  assert.deepEqual(boxOf({ bbox: [1, 2, 3, 4], crs: 'CRS84' }), [1, 2, 3, 4]);
  assert.deepEqual(boxOf([1, 2, 0, 3, 4, 9]), [1, 2, 3, 4]);
  assert.equal(boxOf('1,2,3'), null);
  assert.equal(wrapped(190), -170);
});

test('paths and addresses keep odd names', () => {
  assert.equal(uriOf('/a b/#1%.tif'), 'file:///a%20b/%231%25.tif');
  assert.equal(absolutePath('file:///a%20b', '/root'), '/a b');
  assert.equal(absolutePath('../x', '/root/y'), '/root/x');
  assert.equal(browserPath('/root/a/b', '/root'), 'a/b');
  assert.equal(browserPath('/rooted', '/root'), null);
});
