import { EventEmitter, once } from 'node:events'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { describe, expect, it } from 'vitest'
import type { Collector } from './collector.ts'
import { createSchedule } from './schedule.ts'

function collector(name: string, collect: () => Promise<MeasurementRecord[]>): Collector {
  return { name, devices: () => [], collect }
}

const record: MeasurementRecord = { device: 'd', ts: 1, values: { n: 1 } }

describe('schedule', () => {
  it('goes on with the others when a collector throws, rejects or hangs, and starts none twice', async () => {
    const taken = new EventEmitter()
    let hanging = 0
    let failures = 0
    const schedule = createSchedule(
      [
        collector('throws', () => {
          failures += 1
          throw new Error('no')
        }),
        collector('rejects', () => Promise.reject(new Error('no'))),
        collector('hangs', () => {
          hanging += 1
          return new Promise(() => undefined)
        }),
        collector('works', async () => [record]),
      ],
      5,
      () => taken.emit('taken'),
      silent,
    )
    schedule.start()
    for (let n = 0; n < 5; n++) await once(taken, 'taken')
    expect(hanging).toBe(1)
    expect(failures).toBeGreaterThan(2)
    // What hangs would hold `stop` up; its timers are cleared at once all the same.
    void schedule.stop()
  })

  it('collects at once when asked, and splits what does not fit one message', async () => {
    const portions: number[] = []
    const many = Array.from({ length: 2_500 }, () => record)
    const schedule = createSchedule(
      [collector('many', async () => many)],
      1e6,
      (records) => portions.push(records.length),
      silent,
    )
    schedule.start()
    await schedule.stop()
    expect(portions).toEqual([1000, 1000, 500])
    schedule.start()
    await new Promise(setImmediate)
    schedule.collectNow()
    await schedule.stop()
    expect(portions.length).toBe(9)
  })
})
