import assert from 'node:assert/strict';
import { readerLoaders } from '../../src/adapters/readerLoaders';
import { reportReaders } from '../../src/adapters/reportReaders';

describe('readerLoaders', () => {
  it('loads every format that is registered, by its id', () => {
    const loaded = Object.fromEntries(Object.entries(readerLoaders).map(([id, load]) => [id, load()]));
    assert.deepEqual(loaded, Object.fromEntries(reportReaders.map((reader) => [reader.id, reader])));
  });
});
