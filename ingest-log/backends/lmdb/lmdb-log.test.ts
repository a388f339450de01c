import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { expect, test } from 'vitest'
import { ingestLogSuite, record } from '../../suite.ts'
import { openLmdbLog } from './lmdb-log.ts'

ingestLogSuite({
  name: 'lmdb',
  open: (path, { maxBytes = 1e9 } = {}) => openLmdbLog({ path, partitions: 2, maxBytes, durability: 'flush' }),
  appenderModule: new URL('../../testing/append-forever.ts', import.meta.url).pathname,
})

test('appends to several partitions that meet are one transaction, so one flush', async () => {
  const path = mkdtempSync(join(tmpdir(), 'ioc-log-'))
  const log = openLmdbLog({ path, partitions: 2, maxBytes: 1e9, durability: 'flush' })
  const reader = open({ path, noSubdir: false, readOnly: true, maxDbs: 2 })
  const transactions = () => {
    reader.resetReadTxn()
    return (reader.getStats() as { readonly lastTxnId: number }).lastTxnId
  }
  const before = transactions()
  await Promise.all([0, 1, 0, 1, 1].map((partition, index) => log.append(partition, record(index))))
  expect(transactions()).toBe(before + 1)
  await reader.close()
  await log.stop()
  rmSync(path, { recursive: true, force: true })
})

// A full disk needs a small one: only root can mount it.
test.runIf(process.getuid?.() === 0)(
  'a full disk refuses records, loses none that it took, and goes on when there is room',
  async () => {
    const disk = mkdtempSync(join(tmpdir(), 'ioc-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    try {
      const open = () => openLmdbLog({ path: join(disk, 'log'), partitions: 1, maxBytes: 1e9, durability: 'flush' })
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(1 << 20))
      let log = open()
      let taken = 0
      let refusal: unknown
      while (refusal === undefined && taken < 1000) {
        await log.append(0, record(taken, 20_000)).then(
          () => taken++,
          (error) => {
            refusal = error
          },
        )
      }
      expect(refusal).toMatchObject({ code: 'LOG_FULL' })
      const count = async () => {
        let found = 0
        for await (const batch of log.read(0, 0, { follow: false })) found += batch.records.length
        return found
      }
      expect(await count()).toBe(taken)
      rmSync(join(disk, 'ballast'))
      expect(await log.append(0, record(taken, 20_000))).toBe(taken)
      await log.stop()
      log = open()
      expect(await count()).toBe(taken + 1)
      await log.stop()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  },
)
