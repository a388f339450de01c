import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Downlink } from './downlink.ts'
import { Outbox } from './outbox/outbox.ts'
import { type TestBroker, testBroker } from './testing/broker.ts'
import { testFolder } from './testing/folder.ts'
import { silent } from './testing/silent.ts'
import { Uplink, type UplinkSettings } from './uplink.ts'

const address = { site: 'commune-1', node: 'box-1' }
const hour = 3_600_000

interface Rig {
  readonly outbox: Outbox
  readonly uplink: Uplink
  readonly downlinks: Downlink[]
  put(count: number): void
  /** Time that passed beside the real one, in ms. */
  passed: number
  /** By how much the wall clock was set, in ms. */
  set: number
}

function rig(broker: TestBroker, settings: Partial<UplinkSettings> = {}, folder = testFolder()): Rig {
  const outbox = new Outbox(
    {
      folder,
      maxBytes: 1e9,
      maxAgeMs: 1e12,
      clock: {
        now: () => Date.now() + made.passed + made.set,
        uptime: () => performance.now() + made.passed,
        boot: 'b1',
      },
    },
    silent,
  )
  const downlinks: Downlink[] = []
  const uplink = new Uplink(
    {
      url: broker.url,
      address,
      password: () => 'right',
      replayPerSecond: 2_000,
      birth: () => ({
        agent: { version: '1', host: 'box' },
        devices: [{ id: 'box-1', type: 'system', cadence_s: 10 }],
      }),
      backoff: { minMs: 10, maxMs: 50, refusedMs: 50 },
      ...settings,
    },
    outbox,
    (downlink) => downlinks.push(downlink),
    silent,
  )
  const made: Rig = {
    outbox,
    uplink,
    downlinks,
    passed: 0,
    set: 0,
    put(count) {
      for (let n = 0; n < count; n++) outbox.put([{ device: 'box-1', ts: outbox.now(), values: { n } }])
      uplink.notify()
    },
  }
  outbox.start()
  onTestFinished(async () => {
    await uplink.stop()
    outbox.stop()
  })
  return made
}

/** Waits for what has no event, as a row that leaves a file. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n)
}

const distinct = (seqs: number[]): number[] => [...new Set(seqs)].sort((a, b) => a - b)

describe('uplink', () => {
  it('says its birth, then sends what is collected as live messages', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker)
    uplink.start()
    await broker.until(() => broker.statuses.length === 1)
    put(3)
    await broker.until(() => broker.telemetry.length === 3)
    await until(() => outbox.queued === 0)
    expect(broker.statuses[0]).toMatchObject({
      online: true,
      devices: [{ id: 'box-1', type: 'system', cadence_s: 10 }],
    })
    expect(broker.seqs).toEqual([1, 2, 3])
    expect(broker.telemetry[0]).toMatchObject({ epoch: outbox.epoch, replay: false, lost: 0 })
    expect(uplink.sent).toBe(3)
  })

  it('publishes cases on their own topic, numbered together with the measurements', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker)
    uplink.start()
    put(1)
    outbox.putCases([{ device: 'box-1', ts: 5, type: 'one_stop', case: { id: 'a', state: 'open', opened: 5 } }])
    put(1)
    await until(() => outbox.queued === 0)
    expect(broker.seqs).toEqual([1, 3])
    expect(broker.cases).toMatchObject([
      { epoch: outbox.epoch, seq: 2, replay: false, records: [{ case: { id: 'a' } }] },
    ])
  })

  it('sends records of the past as a replay, and what was measured just now as live, before it', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker)
    for (let n = 1; n <= 3; n++) outbox.put([{ device: 'box-1', ts: n, values: { n } }], { past: true })
    uplink.start()
    await broker.until(() => broker.statuses.length === 1)
    put(1)
    await until(() => outbox.queued === 0)
    expect(Object.fromEntries(broker.telemetry.map(({ seq, replay }) => [seq, replay]))).toEqual({
      1: true,
      2: true,
      3: true,
      4: false,
    })
  })

  it('delivers everything when connections are cut again and again', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker)
    uplink.start()
    for (let round = 1; round <= 5; round++) {
      put(60)
      await broker.until(() => broker.telemetry.length >= round * 30)
      broker.cut()
    }
    await until(() => outbox.queued === 0)
    expect(distinct(broker.seqs)).toEqual(range(1, 300))
    expect(outbox.lost).toBe(0)
  })

  it('keeps what it collects while the broker is away, and sends it as a replay', async () => {
    const broker = await testBroker()
    await broker.stop()
    const made = rig(broker)
    made.uplink.start()
    made.put(100)
    made.passed = hour
    expect(made.outbox.queued).toBe(100)
    await broker.start()
    await until(() => made.outbox.queued === 0)
    expect(distinct(broker.seqs)).toEqual(range(1, 100))
    expect(broker.telemetry.every(({ replay }) => replay === true)).toBe(true)
  })

  it('removes nothing before PUBACK, never has more than its window in flight, and repeats after a cut', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker, { window: 8 })
    broker.hold()
    uplink.start()
    put(20)
    await broker.until(() => broker.telemetry.length === 8)
    expect(outbox.queued).toBe(20)
    broker.cut()
    await broker.until(() => broker.telemetry.length === 16)
    expect(broker.seqs).toEqual([...range(1, 8), ...range(1, 8)])
    expect(outbox.queued).toBe(20)
    broker.release()
    await until(() => outbox.queued === 0)
    expect(distinct(broker.seqs)).toEqual(range(1, 20))
  })

  it('gives a connection up on which no PUBACK comes', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker, { ackTimeoutMs: 50 })
    broker.hold()
    uplink.start()
    put(1)
    await broker.until(() => broker.telemetry.length === 2)
    expect(outbox.queued).toBe(1)
    broker.release()
    await until(() => outbox.queued === 0)
    expect(distinct(broker.seqs)).toEqual([1])
  })

  it('sends what was collected just now before the backlog', async () => {
    const broker = await testBroker()
    const made = rig(broker, { window: 5, replayPerSecond: 40 })
    made.put(60)
    made.passed = hour
    made.uplink.start()
    await broker.until(() => broker.telemetry.length >= 3)
    made.put(1)
    await until(() => made.outbox.queued === 0)
    const { seqs } = broker
    expect(seqs.indexOf(61)).toBeLessThan(20)
    expect(seqs.filter((seq) => seq !== 61)).toEqual(range(1, 60))
    expect(broker.telemetry.find(({ seq }) => seq === 61)?.replay).toBe(false)
    expect(broker.telemetry.find(({ seq }) => seq === 60)?.replay).toBe(true)
  })

  it('treats as backlog what became old behind a full window', async () => {
    const broker = await testBroker()
    const made = rig(broker, { window: 2 })
    made.uplink.start()
    await broker.until(() => broker.statuses.length === 1)
    broker.hold()
    made.put(2)
    await broker.until(() => broker.telemetry.length === 2)
    made.put(30)
    made.passed = hour
    made.put(1)
    broker.release()
    await until(() => made.outbox.queued === 0)
    expect(broker.seqs).toEqual([1, 2, 33, ...range(3, 32)])
  })

  it.each([
    ['ahead by fifty years, as by the first NTP answer', 50 * 365 * 24 * hour],
    ['ahead by a minute', 60_000],
    ['back by a day', -24 * hour],
  ])('sends times of the present clock after it was set %s', async (_, step) => {
    const broker = await testBroker()
    const made = rig(broker)
    made.put(3)
    made.passed = hour
    made.set = step
    made.put(1)
    made.uplink.start()
    await until(() => made.outbox.queued === 0)
    const ages = new Map(
      broker.telemetry.map(({ seq, sent, records }) => [seq, (sent ?? Number.NaN) - (records[0]?.ts ?? Number.NaN)]),
    )
    for (const seq of [1, 2, 3]) expect(Math.abs((ages.get(seq) ?? Number.NaN) - hour)).toBeLessThan(hour / 10)
    expect(Math.abs(ages.get(4) ?? Number.NaN)).toBeLessThan(hour / 10)
    expect(broker.telemetry.filter(({ replay }) => replay).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(made.outbox.lost).toBe(0)
  })

  it('leaves times alone while the clock only drifts', async () => {
    const broker = await testBroker()
    const made = rig(broker)
    const ts = 1_700_000_000_000
    made.outbox.put([{ device: 'box-1', ts, values: { n: 1 } }])
    made.set = 400
    made.uplink.start()
    await until(() => made.outbox.queued === 0)
    expect(broker.telemetry[0]?.records[0]?.ts).toBe(ts)
  })

  it('publishes nothing on a connection before its birth is acknowledged', async () => {
    const broker = await testBroker()
    const { outbox, uplink, put } = rig(broker)
    put(5)
    broker.holdStatus()
    uplink.start()
    await broker.until(() => broker.statuses.length === 1)
    put(5)
    broker.cut()
    await broker.until(() => broker.statuses.filter(({ online }) => online).length === 2)
    expect(broker.telemetry).toEqual([])
    broker.release()
    await until(() => outbox.queued === 0)
    expect(distinct(broker.seqs)).toEqual(range(1, 10))
  })

  it('gives a connection up on which no PUBACK of the birth comes', async () => {
    const broker = await testBroker()
    const { uplink } = rig(broker, { ackTimeoutMs: 50 })
    broker.holdStatus()
    uplink.start()
    await broker.until(() => broker.statuses.filter(({ online }) => online).length === 3)
  })

  it('goes on with the new epoch on the same connection when the backlog of the last run is acknowledged', async () => {
    const broker = await testBroker()
    const folder = testFolder()
    const last = new Outbox({ folder, maxBytes: 1e9, maxAgeMs: 1e12 }, silent)
    last.start()
    for (let n = 0; n < 3; n++) last.put([{ device: 'box-1', ts: Date.now(), values: { n } }])
    const { epoch } = last
    last.stop()
    const { outbox, uplink, put } = rig(broker, {}, folder)
    uplink.start()
    await until(() => outbox.epoch !== epoch)
    put(2)
    await until(() => outbox.queued === 0)
    expect(broker.telemetry.map(({ epoch, seq }) => [epoch, seq])).toEqual([
      ...range(1, 3).map((seq) => [epoch, seq]),
      ...range(1, 2).map((seq) => [outbox.epoch, seq]),
    ])
    expect(broker.statuses.filter(({ online }) => online)).toHaveLength(1)
  })

  it('says goodbye when it stops, under the session of its birth, and sessions rise', async () => {
    const broker = await testBroker()
    const { uplink } = rig(broker)
    uplink.start()
    await broker.until(() => broker.statuses.length === 1)
    broker.cut()
    await broker.until(() => broker.statuses.some(({ online }) => !online))
    await broker.until(() => broker.statuses.filter(({ online }) => online).length === 2)
    await uplink.stop()
    const births = broker.statuses.filter(({ online }) => online)
    expect(births[1]?.session).toBeGreaterThan(births[0]?.session ?? Number.NaN)
    expect(broker.statuses.find(({ online }) => !online)?.session).toBe(births[0]?.session)
    expect(broker.statuses.at(-1)).toEqual({ online: false, session: births[1]?.session })
  })

  it('keeps trying after its credential was refused, with the one that holds then', async () => {
    const broker = await testBroker()
    let password = 'wrong'
    const { outbox, uplink, put } = rig(broker, { password: () => password })
    uplink.start()
    put(1)
    await broker.until(() => broker.passwords.length === 2)
    expect(outbox.queued).toBe(1)
    password = 'right'
    await until(() => outbox.queued === 0)
    expect(broker.seqs).toEqual([1])
  })

  it('follows configuration and commands, and ignores what it does not know', async () => {
    const broker = await testBroker()
    await broker.publish('ioc/v1/commune-1/box-1/config', '{"cadence_s": 3}', true)
    const { uplink, downlinks } = rig(broker)
    uplink.start()
    await until(() => downlinks.length === 1)
    await broker.publish('ioc/v1/commune-1/box-1/command', '{"command":"dance"}')
    await broker.publish('ioc/v1/commune-1/box-1/command', '{"command":"collect"}')
    await until(() => downlinks.length === 2)
    expect(downlinks).toMatchObject([
      { kind: 'config', read: { config: { cadence_s: 3 } } },
      { kind: 'command', command: { command: 'collect' } },
    ])
  })

  it('answers a command that it does not know, where it has an id', async () => {
    const broker = await testBroker()
    const { uplink } = rig(broker)
    uplink.start()
    await broker.until(() => broker.statuses.length === 1)
    await broker.publish('ioc/v1/commune-1/box-1/command', '{"command":"dance","id":"a1"}')
    await broker.until(() => broker.answers.length === 1)
    expect(broker.answers).toEqual([{ id: 'a1', command: 'unknown', ok: false, reason: 'unknown command' }])
  })

  it('moves to another broker, and repeats there what was not acknowledged', async () => {
    const [broker, other] = [await testBroker(), await testBroker()]
    const { uplink, put, outbox } = rig(broker)
    broker.hold()
    uplink.start()
    put(2)
    await broker.until(() => broker.telemetry.length === 2)
    uplink.moveTo({ url: other.url })
    await other.until(() => other.telemetry.length === 2)
    await until(() => outbox.queued === 0)
    expect(other.seqs).toEqual([1, 2])
  })
})
