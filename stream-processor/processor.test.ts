import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ledgerTopic } from '@ioc/contract/topics.ts'
import type { IngestLog } from '@ioc/ingest-log/ingest-log.ts'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ProcessorParts } from './processor.ts'
import { openTestLog, startTestProcessor, type TestProcessor } from './testing/processor.ts'

const maxBytes = 4 << 20
const patience = 30_000

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
      if (seq % 100 === 0) await vi.waitFor(() => expect(log.sizeBytes()).toBeLessThan(maxBytes * 0.75), patience)
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

describe('the state of the processor', () => {
  let folder: string
  let log: IngestLog
  let topics: Set<string>

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ioc-processor-'))
    log = openTestLog(folder)
  })
  afterEach(async () => {
    await log.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (write: ProcessorParts['write']) => {
    topics = new Set()
    const publish: ProcessorParts['publish'] = (live) => {
      for (const { topic } of live) topics.add(topic)
    }
    return startTestProcessor(folder, { log, write, publish })
  }

  const append = (node: string) => {
    const payload = Buffer.from('{"x":1}')
    return log.append(0, { kind: 'telemetry', site: 's', node, arrival: Date.now(), payload })
  }

  test('of another version is forgotten before everything is computed anew', async () => {
    await append('a')
    await append('gone')
    const first = start(async () => undefined)
    await vi.waitFor(() => expect(first.gauges()['log_depth']).toBe(0), patience)
    await first.stop()
    const state = open<unknown, string[]>({ path: join(folder, 'state'), encoding: 'msgpack', maxDbs: 4 })
    await state.put(['meta'], { ...(state.get(['meta']) as object), version: 0 })
    await state.close()
    await log.trim(0, 1)
    await append('b')
    await log.trim(0, 2)
    const anew = start(async () => undefined)
    await vi.waitFor(() => expect(topics).toContain(ledgerTopic({ site: 's', node: 'b' })), patience)
    await anew.stop()
    const again = start(async () => undefined)
    expect([...topics].filter((topic) => topic.includes('ledger'))).toEqual([ledgerTopic({ site: 's', node: 'b' })])
    await again.stop()
  })

  test('ends without a checkpoint, and without a failure, when the store is away for good', async () => {
    await append('a')
    await log.stop()
    const child = fork(new URL('testing/stop-without-store.ts', import.meta.url).pathname, [folder], { execArgv: [] })
    expect(await once(child, 'exit')).toEqual([0, null])
    log = openTestLog(folder)
    const after = start(async () => undefined)
    expect(after.gauges()).toMatchObject({ offset: 0, log_depth: 1 })
    await after.stop()
  })

  test('windows end by the clock when nothing arrives', async () => {
    const lines: string[] = []
    const processor = start(async (more) => {
      lines.push(...more)
    })
    const values = { cpu_percent: 50 }
    const payload = Buffer.from(JSON.stringify({ ts: Date.now() - 600_000, type: 'system', values }))
    await log.append(0, { kind: 'telemetry', site: 's', node: 'n', arrival: Date.now(), payload })
    await vi.waitFor(() => expect(lines.some((line) => line.startsWith('indicator,'))).toBe(true), patience)
    await processor.stop()
  })
})
