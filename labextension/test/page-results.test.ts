import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IRunner } from '../src/model/runner';
import { IListing } from '../src/model/wire';
import { ResultTree } from '../src/page/result-tree';

const pages: Record<string, Partial<IListing>> = {
  '': { entries: [{ name: 'a', kind: 'file' }], next: 'a', total: 2 },
  a: { entries: [{ name: 'b', kind: 'file' }], next: null, total: 2 }
};
const runner = {
  request: async (path: string) => pages[new URLSearchParams(path.split('?')[1]).get('after') ?? '']
} as unknown as IRunner;
const names = (tree: ResultTree) => tree.rows().map(row => row.entry?.name ?? '…');

test('a folder is listed page by page, and what is listed whole is not listed again', async () => {
  const tree = new ResultTree(runner, 'j');
  await tree.open([]);
  assert.deepEqual(names(tree), ['a', '…']);

  await Promise.all([tree.more([]), tree.more([])]);
  await tree.more([]);

  assert.deepEqual(names(tree), ['a', 'b']);
});

test('a picture is looked at first, else a file', async () => {
  const names = async (...types: [string, string?][]) => {
    const entries = types.map(([name, media_type]) => ({ name, kind: 'file', media_type }));
    const request = async () => ({ entries, next: null, total: types.length });
    const tree = new ResultTree({ request } as unknown as IRunner, 'j');
    await tree.open([]);
    return tree.first;
  };

  assert.deepEqual(await names(['a.csv', 'text/csv'], ['b.tif', 'image/tiff']), ['b.tif']);
  assert.deepEqual(await names(['a'], ['b']), ['a']);
  assert.equal(await names(), null);
});
