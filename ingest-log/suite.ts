import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { IngestLog, LogRecord } from './ingest-log.ts'

export interface Backend {
  readonly name: string
  /** A log of two partitions. */
  open(path: string, options?: { maxBytes?: number }): IngestLog
  /** A module that a child process runs: see `testing/append-forever.ts`. */
  readonly appenderModule: string
}

export function record(index: number, bytes = 40): LogRecord {
  const payload = Buffer.from(String(index).padEnd(bytes, '.'))
  return { kind: 'telemetry', site: 'site-1', node: 'node-1', arrival: 1_764_000_000_000 + index, payload }
}

function indexOf(logged: LogRecord): number {
  return Number.parseInt(Buffer.from(logged.payload).toString(), 10)
}

async function readAll(log: IngestLog, from = 0, partition = 0): Promise<LogRecord[]> {
  const all: LogRecord[] = []
  for await (const batch of log.read(partition, from, { follow: false })) all.push(...batch.records)
  return all
}

/** What every backend of the ingest log must do. */
export function ingestLogSuite(backend: Backend): void {
  describe(`ingest log: ${backend.name}`, () => {
    let path: string
    let log: IngestLog

    beforeEach(() => {
      path = mkdtempSync(join(tmpdir(), 'ioc-log-'))
      log = backend.open(path)
    })

    afterEach(async () => {
      await log.stop()
      rmSync(path, { recursive: true, force: true })
    })

    const fill = (count: number, bytes?: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => log.append(0, record(index, bytes))))

    test('gives back what was appended, in order, with consecutive offsets', async () => {
      expect(await fill(3000)).toEqual(Array.from({ length: 3000 }, (_, index) => index))
      const read = await readAll(log)
      expect(read).toHaveLength(3000)
      expect(read.map(indexOf)).toEqual(Array.from({ length: 3000 }, (_, index) => index))
      expect(read[7]).toMatchObject({ kind: 'telemetry', site: 'site-1', node: 'node-1', arrival: 1_764_000_000_007 })
    })

    test('reads from any offset, also from inside a batch', async () => {
      await fill(500)
      expect((await readAll(log, 321)).map(indexOf)[0]).toBe(321)
      expect(await readAll(log, 500)).toEqual([])
    })

    test('bounds its batches', async () => {
      await fill(4000, 2000)
      for await (const batch of log.read(0, 0, { follow: false })) {
        expect(batch.records.length).toBeLessThanOrEqual(1024)
        expect(batch.records.reduce((sum, { payload }) => sum + payload.byteLength, 0)).toBeLessThanOrEqual(1 << 20)
      }
    })

    test('takes a record larger than a batch', async () => {
      await log.append(0, record(1, 3 << 20))
      expect((await readAll(log))[0]?.payload.byteLength).toBe(3 << 20)
    })

    test('follows the tail until it is told to end', async () => {
      const stop = new AbortController()
      const seen: number[] = []
      const reading = (async () => {
        for await (const batch of log.read(0, 0, { signal: stop.signal })) {
          seen.push(...batch.records.map(indexOf))
          if (seen.length === 200) stop.abort()
        }
      })()
      await fill(100)
      for (let index = 100; index < 200; index++) await log.append(0, record(index))
      await reading
      expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index))
    })

    test('keeps what it has over a restart', async () => {
      await fill(10)
      await log.stop()
      log = backend.open(path)
      expect(log.bounds(0)).toEqual({ first: 0, next: 10 })
      expect(await log.append(0, record(10))).toBe(10)
      expect((await readAll(log)).map(indexOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    })

    test('trims whole batches before an offset, never beyond it, and says when a reader comes too late', async () => {
      for (let index = 0; index < 50; index++) await log.append(0, record(index))
      await log.trim(0, 20)
      expect(log.bounds(0)).toEqual({ first: 20, next: 50 })
      expect((await readAll(log, 20)).map(indexOf)[0]).toBe(20)
      await expect(readAll(log, 3)).rejects.toMatchObject({ code: 'OFFSET_TRIMMED' })
      await log.trim(0, 50)
      expect(await log.append(0, record(50))).toBe(50)
    })

    test('goes on at the same offset when all of it was trimmed before a restart', async () => {
      await fill(10)
      await log.append(0, record(10))
      await log.trim(0, 11)
      await log.stop()
      log = backend.open(path)
      expect(log.bounds(0).next).toBe(11)
      expect(await log.append(0, record(11))).toBe(11)
    })

    test('refuses what would grow beyond its limit, and takes records again when there is room', async () => {
      await log.stop()
      log = backend.open(path, { maxBytes: 1 << 20 })
      const fill = async () => {
        for (let index = 0; index < 30; index++) await log.append(0, record(index, 100_000))
      }
      await expect(fill()).rejects.toMatchObject({ code: 'LOG_FULL' })
      const { next } = log.bounds(0)
      expect(await readAll(log)).toHaveLength(next)
      await log.trim(0, next)
      expect(await log.append(0, record(99))).toBe(next)
    })

    test('numbers, reads and trims each partition by itself, also where appends to both meet', async () => {
      const appends = Array.from({ length: 600 }, (_, index) => log.append(index % 3 === 0 ? 1 : 0, record(index)))
      const offsets = await Promise.all(appends)
      expect(offsets.filter((_, index) => index % 3 === 0)).toEqual(Array.from({ length: 200 }, (_, index) => index))
      expect(offsets.filter((_, index) => index % 3 !== 0)).toEqual(Array.from({ length: 400 }, (_, index) => index))
      expect((await readAll(log, 0, 1)).map(indexOf)).toEqual(Array.from({ length: 200 }, (_, index) => index * 3))
      await log.append(1, record(600))
      await log.trim(1, 200)
      expect(log.bounds(1)).toEqual({ first: 200, next: 201 })
      expect(log.bounds(0)).toEqual({ first: 0, next: 400 })
      await log.stop()
      log = backend.open(path)
      expect(await log.append(1, record(601))).toBe(201)
      expect(await log.append(0, record(602))).toBe(400)
      expect(await readAll(log)).toHaveLength(401)
    })

    test('another process appends while this one reads', async () => {
      const child = startAppender(backend, path, 2000)
      const seen: number[] = []
      for await (const batch of log.read(0, 0)) {
        seen.push(...batch.records.map(indexOf))
        if (seen.length >= 2000) break
      }
      expect(seen.slice(0, 2000)).toEqual(Array.from({ length: 2000 }, (_, index) => index))
      await exited(child)
    })

    test('kill -9 loses nothing that was acknowledged', async () => {
      await log.stop()
      for (let round = 0; round < 5; round++) {
        const acknowledgedFile = join(path, 'acknowledged')
        const child = startAppender(backend, path, Number.POSITIVE_INFINITY, acknowledgedFile)
        await new Promise((resolve) => child.once('message', resolve))
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80))
        child.kill('SIGKILL')
        await exited(child)
        const acknowledged = Number(readFileSync(acknowledgedFile, 'utf8').trim().split('\n').at(-1))
        log = backend.open(path)
        const found = (await readAll(log)).map(indexOf)
        expect(found.length).toBeGreaterThan(acknowledged)
        expect(found).toEqual(Array.from(found, (_, index) => index))
        await log.stop()
      }
    })
  })
}

function startAppender(backend: Backend, path: string, count: number, acknowledgedFile = ''): ChildProcess {
  return fork(backend.appenderModule, [path, String(count), acknowledgedFile], { execArgv: [] })
}

function exited(child: ChildProcess): Promise<unknown> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', resolve))
}
