import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isIocError } from '@ioc/contract/errors.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { smallDisk } from '@ioc/runtime/testing/small-disk.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../testing/folder.ts'
import { silent } from '../testing/silent.ts'
import { Outbox, type OutboxSettings, rowOverhead } from './outbox.ts'

const steady = { now: () => 0, uptime: () => 0, boot: 'b1' }
const roomy = { maxBytes: 1e9, maxAgeMs: 1e9 }

function record(n: number): MeasurementRecord[] {
  return [{ device: 'd', ts: n, values: { n } }]
}

function open(settings: OutboxSettings): Outbox {
  const outbox = new Outbox(settings, silent)
  outbox.start()
  return outbox
}

function allQueued(outbox: Outbox): number[] {
  const seqs: number[] = []
  for (let message = outbox.next(); message; message = outbox.next(message.seq)) seqs.push(message.seq)
  return [...seqs, ...outbox.tried()].sort((a, b) => a - b)
}

type Step =
  | { do: 'put'; size: number }
  | { do: 'try' }
  | { do: 'ack'; pick: number }
  | { do: 'wait'; ms: number }
  | { do: 'reopen' }

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant('put'), size: fc.nat(400) }),
    fc.record({ do: fc.constant('put'), size: fc.nat(400) }),
    fc.record({ do: fc.constant('try') }),
    fc.record({ do: fc.constant('ack'), pick: fc.nat() }),
    fc.record({ do: fc.constant('wait'), ms: fc.nat(400) }),
    fc.record({ do: fc.constant('reopen') }),
  ),
  { maxLength: 40 },
)

describe('outbox', () => {
  it('accounts for every seq after any sequence of steps: acknowledged, queued or lost', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 200, max: 3000 }),
        fc.integer({ min: 100, max: 2000 }),
        (run, bytes, age) => {
          const folder = mkdtempSync(join(tmpdir(), 'ioc-outbox-'))
          let now = 1_000_000
          const clock = { now: () => now, uptime: () => now, boot: 'b1' }
          const settings = { folder, maxBytes: bytes, maxAgeMs: age, clock }
          let outbox = open(settings)
          try {
            let { epoch } = outbox
            const acknowledged = new Set<number>()
            const tried = new Set<number>()
            let last = 0
            for (const step of run) {
              if (step.do === 'wait') now += step.ms
              if (step.do === 'put') {
                const before = outbox.seq
                const seq = outbox.put([{ device: 'd', ts: now, values: { text: 'x'.repeat(step.size) } }])
                expect(outbox.seq).toBe(before + 1)
                if (seq !== undefined) {
                  expect(seq).toBeGreaterThan(last)
                  last = seq
                }
              }
              if (step.do === 'try') {
                const message = outbox.next()
                if (message) {
                  outbox.markTried(message.seq)
                  tried.add(message.seq)
                }
              }
              if (step.do === 'ack') {
                const seq = [...tried][step.pick % Math.max(1, tried.size)]
                if (seq !== undefined) {
                  outbox.ack([seq])
                  tried.delete(seq)
                  acknowledged.add(seq)
                }
              }
              if (step.do === 'reopen') {
                outbox.stop()
                outbox = open(settings)
              }
              const queued = allQueued(outbox)
              if (outbox.epoch !== epoch) {
                // Only where everything of the last one is known.
                expect([queued.length, outbox.seq, outbox.lost]).toEqual([0, 0, 0])
                expect(tried.size).toBe(0)
                epoch = outbox.epoch
                acknowledged.clear()
                last = 0
              }
              expect(new Set(queued).size).toBe(queued.length)
              expect(outbox.queued).toBe(queued.length)
              expect(queued.filter((seq) => acknowledged.has(seq))).toEqual([])
              expect(outbox.tried()).toEqual([...tried].sort((a, b) => a - b))
              expect(acknowledged.size + outbox.queued + outbox.lost).toBe(outbox.seq)
            }
          } finally {
            outbox.stop()
            rmSync(folder, { recursive: true, force: true })
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('keeps within its bound of bytes by dropping the oldest', () => {
    const size = JSON.stringify(record(1)).length + rowOverhead
    const outbox = open({ folder: testFolder(), maxAgeMs: 1e9, maxBytes: 3 * size })
    for (let n = 1; n <= 5; n++) expect(outbox.put(record(n))).toBe(n)
    expect(allQueued(outbox)).toEqual([3, 4, 5])
    expect(outbox.lost).toBe(2)
    outbox.stop()
  })

  it('counts a message that is larger than all its room as lost', () => {
    const outbox = open({ folder: testFolder(), maxAgeMs: 1e9, maxBytes: 80 })
    expect(outbox.put(record(1))).toBeUndefined()
    expect([outbox.seq, outbox.lost, outbox.queued]).toEqual([1, 1, 0])
    outbox.stop()
  })

  it('gives sessions that rise over restarts and a clock that was set back', () => {
    let now = 5_000
    const settings = { folder: testFolder(), ...roomy, clock: { ...steady, now: () => now } }
    let outbox = open(settings)
    const first = outbox.nextSession()
    const second = outbox.nextSession()
    outbox.stop()
    now = 1_000
    outbox = open(settings)
    expect([first, second, outbox.nextSession()]).toEqual([5_000, 5_001, 5_002])
    outbox.stop()
  })

  it.each([
    ['ahead by a year', 365 * 24 * 3_600_000],
    ['back by a year', -365 * 24 * 3_600_000],
  ])('drops nothing when the clock is set %s', (_, step) => {
    let set = 0
    let uptime = 0
    const clock = { now: () => 1.7e12 + set, uptime: () => uptime, boot: 'b1' }
    const settings = { folder: testFolder(), maxBytes: 1e9, maxAgeMs: 3_600_000, clock }
    let outbox = open(settings)
    for (let n = 1; n <= 25; n++) {
      if (n === 15) set = step
      uptime += 10_000
      outbox.put(record(n))
    }
    outbox.stop()
    outbox = open({ ...settings, clock: { ...clock, now: () => 1.7e12 - step, boot: 'b2' } })
    outbox.put(record(26))
    expect([outbox.queued, outbox.lost]).toEqual([26, 0])
    outbox.stop()
  })

  it('drops what waited too long of the time that the machine ran, over restarts', () => {
    let uptime = 0
    const clock = { now: () => 0, uptime: () => uptime, boot: 'b1' }
    const settings = { folder: testFolder(), maxBytes: 1e9, maxAgeMs: 1_000, clock }
    let outbox = open(settings)
    outbox.put(record(1))
    outbox.stop()
    // The agent is started again while the machine runs: that time counts.
    uptime = 600
    outbox = open(settings)
    outbox.put(record(2))
    outbox.stop()
    // The machine is started again.
    uptime = 300
    outbox = open({ ...settings, clock: { ...clock, boot: 'b2' } })
    outbox.put(record(3))
    expect(allQueued(outbox)).toEqual([1, 2, 3])
    uptime = 850
    outbox.put(record(4))
    expect(allQueued(outbox)).toEqual([2, 3, 4])
    outbox.stop()
  })

  it('knows by how much the clock was set since a message was queued, and not over a start of the machine', () => {
    let [now, uptime] = [1_000, 0]
    const clock = { now: () => now, uptime: () => uptime, boot: 'b1' }
    const settings = { folder: testFolder(), ...roomy, clock }
    let outbox = open(settings)
    outbox.put(record(1))
    uptime = 500
    now = 9_001_500
    outbox.stop()
    outbox = open(settings)
    const message = outbox.get(1)
    if (!message) throw new Error('the message is gone')
    expect(Math.abs(outbox.clockStep(message) - 9_000_000)).toBeLessThan(10)
    expect(outbox.isOlder(message, 1e9)).toBe(true)
    outbox.stop()
    outbox = open({ ...settings, clock: { ...clock, boot: 'b2' } })
    expect(outbox.clockStep(message)).toBe(0)
    outbox.stop()
  })

  it('begins a new epoch after a start as soon as nothing of the last one is unknown, and once', () => {
    const settings = { folder: testFolder(), ...roomy }
    let outbox = open(settings)
    for (let n = 1; n <= 3; n++) outbox.put(record(n))
    const { epoch } = outbox
    outbox.ack([1, 2, 3])
    expect(outbox.epoch).toBe(epoch)
    outbox.put(record(4))
    outbox.stop()

    outbox = open(settings)
    expect([outbox.epoch, outbox.seq]).toEqual([epoch, 4])
    expect(outbox.put(record(5))).toBe(5)
    outbox.ack([4])
    expect(outbox.epoch).toBe(epoch)
    outbox.ack([5])
    const second = outbox.epoch
    expect([second === epoch, outbox.seq]).toEqual([false, 0])
    expect(outbox.put(record(6))).toBe(1)
    outbox.ack([1])
    expect(outbox.epoch).toBe(second)
    outbox.stop()
  })

  it('gives two copies of one drained outbox different epochs', () => {
    const folder = testFolder()
    const original = open({ folder, ...roomy })
    original.put(record(1))
    original.ack([1])
    original.stop()
    const epochs = ['a', 'b'].map((name) => {
      const copy = join(testFolder(), name)
      cpSync(folder, copy, { recursive: true })
      const outbox = open({ folder: copy, ...roomy })
      outbox.put(record(2))
      outbox.stop()
      return outbox.epoch
    })
    expect(new Set([original.epoch, ...epochs]).size).toBe(3)
  })

  it('keeps its epoch while the centre does not know of its last losses', () => {
    const size = JSON.stringify(record(1)).length + rowOverhead
    const settings = { folder: testFolder(), maxAgeMs: 1e9, maxBytes: size }
    let outbox = open(settings)
    outbox.put(record(1))
    outbox.ack([1])
    outbox.put([{ device: 'd', ts: 2, values: { text: 'x'.repeat(400) } }])
    const { epoch, lost } = outbox
    expect(lost).toBe(1)
    outbox.stop()
    outbox = open(settings)
    expect(outbox.epoch).toBe(epoch)
    expect(outbox.put(record(3))).toBe(3)
    outbox.ack([3])
    expect(outbox.epoch).not.toBe(epoch)
    outbox.stop()
  })

  it('opens a file that an earlier version wrote, and drops nothing of it', () => {
    const folder = testFolder()
    const database = new DatabaseSync(join(folder, 'outbox.sqlite'))
    database.exec(`
      CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq INTEGER NOT NULL,
        lost INTEGER NOT NULL, session INTEGER NOT NULL);
      CREATE TABLE messages (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, bytes INTEGER NOT NULL, records TEXT NOT NULL);
      CREATE TABLE tried (seq INTEGER PRIMARY KEY);
      INSERT INTO state VALUES (1, 'e1', 9, 2, 77);
      INSERT INTO messages VALUES (8, 1000, 100, '[{"device":"d","ts":1,"values":{"n":1}}]');
      INSERT INTO messages VALUES (9, 2000, 100, '[{"device":"d","ts":2,"values":{"n":2}}]');
      INSERT INTO tried VALUES (8);`)
    database.close()
    const outbox = open({ folder, maxBytes: 1e9, maxAgeMs: 3_600_000 })
    expect(outbox.put(record(3))).toBe(10)
    expect([outbox.epoch, outbox.lost, outbox.queued, outbox.tried()]).toEqual(['e1', 2, 3, [8]])
    const old = outbox.get(8)
    expect(old && [outbox.isOlder(old, 1e9), outbox.clockStep(old)]).toEqual([true, 0])
    outbox.stop()
  })

  it('sets a damaged file aside and begins a new epoch', () => {
    const folder = testFolder()
    const before = open({ folder, ...roomy })
    before.put(record(1))
    const { epoch } = before
    before.stop()
    writeFileSync(join(folder, 'outbox.sqlite'), 'x'.repeat(8192))
    const after = open({ folder, ...roomy })
    expect(after.epoch).not.toBe(epoch)
    expect(after.put(record(1))).toBe(1)
    expect(readdirSync(folder)).toContain('outbox.sqlite.damaged')
    after.stop()
  })

  it('begins a new epoch when its file is damaged while it runs', () => {
    const folder = testFolder()
    const outbox = open({ folder, ...roomy })
    for (let n = 1; n <= 300; n++) outbox.put([{ device: 'd', ts: n, values: { text: 'x'.repeat(4_000) } }])
    const { epoch } = outbox
    const session = outbox.nextSession()
    const file = openSync(join(folder, 'outbox.sqlite'), 'r+')
    writeSync(file, Buffer.alloc(fstatSync(file).size - 4096, 0xff), 0, null, 4096)
    closeSync(file)
    allQueued(outbox)
    expect(outbox.epoch).not.toBe(epoch)
    expect(outbox.put(record(1))).toBe(1)
    expect([outbox.queued, outbox.lost]).toEqual([1, 0])
    expect(outbox.nextSession()).toBeGreaterThan(session)
    outbox.stop()
  })

  it('keeps a second agent out of its folder', () => {
    const folder = testFolder()
    const first = open({ folder, ...roomy })
    first.put(record(1))
    let error: unknown
    try {
      open({ folder, ...roomy })
    } catch (thrown) {
      error = thrown
    }
    expect(isIocError(error, 'FOLDER_UNUSABLE')).toBe(true)
    first.stop()
  })

  it('has every message whose put returned, after kill -9', async () => {
    const folder = testFolder()
    const child = fork(join(import.meta.dirname, '../testing/put-forever.ts'), [folder], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    const reported: number[] = []
    await new Promise<void>((resolve) => {
      child.on('message', (seq: number) => {
        reported.push(seq)
        if (reported.length === 200) resolve()
      })
    })
    child.kill('SIGKILL')
    await once(child, 'close')
    const outbox = open({ folder, ...roomy })
    const queued = new Set(allQueued(outbox))
    expect(reported.filter((seq) => !queued.has(seq))).toEqual([])
    expect(outbox.queued).toBe(outbox.seq)
    outbox.stop()
  })

  it('counts what a full disk did not take, and goes on when there is room', (context) => {
    const mount = smallDisk(context, 400)
    const folder = join(mount, 'agent')
    const outbox = open({ folder, ...roomy })
    const text = 'x'.repeat(2_000)
    let stored = 0
    for (let n = 1; n <= 300; n++) {
      if (outbox.put([{ device: 'd', ts: n, values: { text } }]) !== undefined) stored += 1
    }
    expect(outbox.unnumbered).toBeGreaterThan(0)
    expect(stored + outbox.unnumbered).toBe(300)
    const delivered = allQueued(outbox).slice(0, 60)
    for (const seq of delivered) {
      outbox.markTried(seq)
      outbox.ack([seq])
    }
    execFileSync('mount', ['-o', 'remount,size=4m', mount])
    expect(outbox.put(record(301))).toBe(301)
    expect(outbox.lost).toBe(300 - stored)
    expect(delivered.length + outbox.queued + outbox.lost).toBe(301)
    outbox.stop()
  })

  it('starts on a full disk, and counts its messages until there is room', (context) => {
    const disk = smallDisk(context, 400)
    const settings = { folder: join(disk, 'agent'), ...roomy }
    const first = open(settings)
    first.put(record(1))
    first.stop()
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize))
    const outbox = open(settings)
    expect(outbox.queued).toBe(1)
    const taken = [2, 3].map((n) => outbox.put([{ device: 'd', ts: n, values: { text: 'x'.repeat(20_000) } }]))
    expect(taken).toEqual([undefined, undefined])
    rmSync(join(disk, 'filler'))
    expect(outbox.put(record(4))).toBe(4)
    expect([outbox.queued, outbox.lost]).toEqual([2, 2])
    outbox.stop()
  })
})

describe('the position of a source', () => {
  const settings = () => ({ folder: testFolder(), ...roomy, clock: steady })

  it('is saved with the records, for each channel apart', () => {
    const used = settings()
    const outbox = open(used)
    expect(outbox.position('telemetry')).toBeUndefined()
    outbox.put(record(1), { position: 10 })
    outbox.putCases([{ device: 'd', ts: 1, case: { id: 'a', state: 'open', opened: 1 } }], { position: 7 })
    outbox.put(record(2))
    outbox.stop()
    const again = open(used)
    expect([again.position('telemetry'), again.position('cases')]).toEqual([10, 7])
    again.stop()
  })

  it('stays where it was if the records were not stored', () => {
    const used = settings()
    const outbox = open(used)
    outbox.put(record(1), { position: 10 })
    outbox.stop()
    const database = new DatabaseSync(join(used.folder, 'outbox.sqlite'))
    database.exec("CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'no room'); END")
    database.close()
    const again = open(used)
    expect(again.put(record(2), { position: 20 })).toBeUndefined()
    expect(again.position('telemetry')).toBe(10)
    again.stop()
  })

  it('outlives a file that is damaged while it is used', () => {
    const used = settings()
    const outbox = open(used)
    const large = [{ device: 'd', ts: 1, values: { text: 'x'.repeat(4_000) } }]
    for (let n = 1; n <= 300; n++) outbox.put(large, { position: n })
    const { epoch } = outbox
    const file = openSync(join(used.folder, 'outbox.sqlite'), 'r+')
    writeSync(file, Buffer.alloc(fstatSync(file).size - 4096, 0xff), 0, null, 4096)
    closeSync(file)
    allQueued(outbox)
    expect(outbox.epoch).not.toBe(epoch)
    expect(outbox.position('telemetry')).toBe(300)
    outbox.stop()
  })

  it('is unknown in a file from before, whose messages are telemetry', () => {
    const used = settings()
    const database = new DatabaseSync(join(used.folder, 'outbox.sqlite'))
    database.exec(`
      CREATE TABLE state (one INTEGER PRIMARY KEY, epoch TEXT, seq INTEGER, lost INTEGER, session INTEGER);
      CREATE TABLE messages (seq INTEGER PRIMARY KEY, at INTEGER, bytes INTEGER, records TEXT);
      INSERT INTO state VALUES (1, 'old', 1, 0, 5);
      INSERT INTO messages VALUES (1, 0, 100, '[]');`)
    database.close()
    const outbox = open(used)
    expect(outbox.position('telemetry')).toBeUndefined()
    expect(outbox.next()).toMatchObject({ seq: 1, channel: 'telemetry', past: 0 })
    outbox.stop()
  })
})
