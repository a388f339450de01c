import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IngestLog } from '@ioc/ingest-log/ingest-log.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTestLog, startTestProcessor, type TestProcessor } from './testing/processor.ts'

const maxBytes = 4 << 20

describe('the log behind the processor', () => {
  let folder: string
  let log: IngestLog
  let processor: TestProcessor

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ioc-processor-'))
    log = openTestLog(folder, maxBytes)
  })
  afterEach(async () => {
    await processor.stop()
    await log.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (write: () => Promise<void>) => {
    processor = startTestProcessor(folder, { log, write, retentionBytes: maxBytes / 2 })
  }

  const append = (seq: number) => {
    const values = { text: 't'.repeat(4000) }
    const message = { epoch: 'e', seq, sent: Date.now(), records: [{ device: 'a', ts: Date.now(), values }] }
    const payload = Buffer.from(JSON.stringify(message))
    return log.append(0, { kind: 'telemetry', site: 's', node: 'n', arrival: Date.now(), payload })
  }

  test('gives up what is processed before it is full, however young that is', async () => {
    start(async () => undefined)
    for (let seq = 1; seq <= 2000; seq++) {
      await append(seq)
      if (seq % 100 === 0) await vi.waitFor(() => expect(log.sizeBytes()).toBeLessThan(maxBytes * 0.75), 10_000)
    }
    expect(log.bounds(0).first).toBeGreaterThan(0)
    expect(log.bounds(0).next).toBe(2000)
  })

  test('keeps what the store has not taken, and refuses more instead', async () => {
    let release: () => void = () => undefined
    const away = new Promise<void>((resolve) => {
      release = resolve
    })
    start(() => away)
    const fill = async () => {
      for (let seq = 1; ; seq++) await append(seq)
    }
    await expect(fill()).rejects.toMatchObject({ code: 'LOG_FULL' })
    expect(log.bounds(0).first).toBe(0)
    release()
  })
})
