import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { noQuotas } from '@ioc/stream-processor/engine/devices.ts'
import { createEngine } from '@ioc/stream-processor/engine/engine.ts'
import { caseIndicators, indicators } from '@ioc/stream-processor/indicators/table.ts'
import { openCheckpointStore } from '@ioc/stream-processor/state/checkpoint-store.ts'
import { createDistrict } from './soak-load.ts'

/**
 * The second half of `npm run test:chaos`: a month of a small district in minutes, through the real engine with every
 * indicator and with checkpoints on disk. Devices come and go, some are late by days. Memory is sampled after a
 * collection, and must be flat once the lateness and what is kept of the silent is full.
 */
const days = Number(process.env['IOC_SOAK_DAYS'] ?? 30)
const warmUpDays = Math.ceil(days * 0.5)
const day = 86_400_000
const stepMs = 60_000
const start = Date.UTC(2026, 0, 1)
/** Of the second half of what follows the warm-up, against the first. */
const maxGrowth = 0.05

const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

const folder = mkdtempSync(join(tmpdir(), 'ioc-soak-'))
const checkpoints = openCheckpointStore(folder)
const engine = createEngine({
  indicators,
  caseIndicators,
  rollups: true,
  latenessMs: 7 * day,
  idleMs: 10_000,
  forgetMs: 8 * day,
  cacheMb: 4,
  maxSeries: 100_000,
  maxAllDevices: 100_000,
  areaOf: () => '24931',
  quotas: noQuotas,
  ownerSilentMs: Number.POSITIVE_INFINITY,
  archiveOf: checkpoints.archiveOf,
})
const district = createDistrict(start)
const samples: number[] = []
let offset = 0
let points = 0
const began = performance.now()

for (let elapsed = 0; elapsed < days * day; elapsed += stepMs) {
  const records: LogRecord[] = district.minute(start + elapsed)
  const output = engine.process({ offset, records, next: offset + records.length })
  offset += records.length
  points += output.points.length + output.rollups.length
  if (elapsed % (day / 24) === 0) await checkpoints.save(engine.changes({ live: offset, backlog: 0 }))
  if (elapsed % (day / 2) !== 0) continue
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  const megabytes = (heapUsed + external) / 1e6
  if (elapsed >= warmUpDays * day) samples.push(megabytes)
  const series = engine.windows.streams.reduce((sum, { windows: { size } }) => sum + size, 0)
  if (elapsed % day === 0) {
    const seconds = Math.round((performance.now() - began) / 1000)
    say(`day ${elapsed / day}: ${megabytes.toFixed(1)} MB, ${series} series, ${offset} messages, ${seconds} s`)
  }
}
await checkpoints.stop()
rmSync(folder, { recursive: true, force: true })

const half = Math.floor(samples.length / 2)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const growth = mean(samples.slice(half)) / mean(samples.slice(0, half)) - 1
const isFlat = globalThis.gc !== undefined && growth <= maxGrowth
say(`${offset} messages, ${points} points; memory after day ${warmUpDays} grew by ${(growth * 100).toFixed(2)} %`)
process.stdout.write(isFlat ? 'soak: 1 passed, 0 failed\n' : 'soak: 0 passed, 1 failed\n')
process.exit(isFlat ? 0 : 1)
