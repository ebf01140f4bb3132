import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonOfResult } from '../src/page/python';
import { scaleBar } from '../src/page/raster-look';

const line = (path: string[], entry: object) =>
  pythonOfResult('j1', path, { name: path[path.length - 1], kind: 'file', ...entry } as any).split('\n')[3];

for (const [path, entry, wanted] of [
  [['mask'], { media_type: 'image/tiff; application=geotiff' }, 'mask = job.results["mask"].to_xarray()'],
  [['folder', 'a', 'v.csv'], { media_type: 'text/csv' }, 'v = job.results["folder"]["a/v.csv"].to_pandas()'],
  [['crops', '2'], { basename: 'B.txt', media_type: 'text/plain' }, 'crops = job.results["crops"][2].text()'],
  [['folder', '7'], {}, 'folder = job.results["folder"]["7"]'],
  [['c'], { kind: 'directory', basename: 'cube.zarr' }, 'c = job.results["c"].to_xarray()'],
  [['count'], { kind: 'value', value: 3 }, 'count = job.results["count"].value'],
  [['class'], { media_type: 'application/json' }, 'result_class = job.results["class"].json()'],
  [['f', '"; import os #'], {}, 'import_os = job.results["f"]["\\"; import os #"]'],
  [['f', 'a\u202eb\nc'], {}, 'a_b_c = job.results["f"]["a\\u202eb\\nc"]']
] as const) {
  test(`the result ${JSON.stringify(path)} is written as ${wanted}`, () =>
    assert.equal(line([...path], entry), wanted));
}

test('a scale bar has a round length', () => {
  const bar = scaleBar([-2.9, 53.1, -1.7, 53.8], 264);

  assert.deepEqual(bar && [bar.label.replace('\u00a0', ' '), Math.round(bar.px)], ['20 km', 66]);
  assert.equal(scaleBar([1, 1, 1, 1], 264), null);
});
