import { appendFileSync } from 'node:fs'
import { openLmdbLog } from '../backends/lmdb/lmdb-log.ts'
import type { LogRecord } from '../ingest-log.ts'

/** A process for the shared suite: appends numbered records, and writes down each number that was acknowledged. */
const [, , path = '', count = '0', acknowledgedFile = ''] = process.argv
const log = openLmdbLog({ path, partitions: 1, maxBytes: 1e9, durability: 'flush' })
const start = log.bounds(0).next

for (let index = start; index < Number(count); index++) {
  const payload = Buffer.from(String(index).padEnd(40, '.'))
  const record: LogRecord = { kind: 'telemetry', site: 'site-1', node: 'node-1', arrival: Date.now(), payload }
  await log.append(0, record)
  if (acknowledgedFile) appendFileSync(acknowledgedFile, `${index}\n`)
  if (index === start) process.send?.('running')
}
await log.stop()
process.disconnect?.()
