import { ingestLogSuite } from '../../suite.ts'
import { openLmdbLog } from './lmdb-log.ts'

ingestLogSuite({
  name: 'lmdb',
  open: (path, { maxBytes = 1e9 } = {}) => openLmdbLog({ path, partitions: 1, maxBytes, durability: 'flush' }),
  appenderModule: new URL('../../testing/append-forever.ts', import.meta.url).pathname,
})
