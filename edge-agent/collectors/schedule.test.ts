import { EventEmitter, once } from 'node:events'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Collected, Collector } from './collector.ts'
import { Schedule, type Task } from './schedule.ts'

const record: MeasurementRecord = { device: 'd', ts: 1, values: { n: 1 } }

function task(id: string, collect: Collector['collect'], overrides: Partial<Task> = {}): Task {
  const create = async (): Promise<Collector> => ({ devices: () => [{ id }], collect })
  return { id, type: 'test', key: id, cadenceMs: undefined, timeoutMs: 60_000, isPeriodic: true, create, ...overrides }
}

/** A schedule of these tasks, and what it emits: `emitted` and `changed` are events. */
async function scheduleOf(tasks: readonly Task[], cadenceMs: number, isQueued = true) {
  const events = new EventEmitter()
  const portions: Pick<Collected, 'measurements' | 'cases' | 'past'>[] = []
  const schedule = new Schedule(
    cadenceMs,
    {
      async emit(portion) {
        portions.push(portion)
        events.emit('emitted')
        return isQueued
      },
      changed: () => events.emit('changed'),
    },
    silent,
  )
  onTestFinished(() => schedule.stop())
  await schedule.configure(tasks)
  const stateOf = (id: string) => schedule.states().find((state) => state.id === id)
  const until = async (event: 'emitted' | 'changed', holds: () => boolean) => {
    while (!holds()) await once(events, event)
  }
  return { schedule, events, portions, stateOf, until }
}

describe('schedule', () => {
  test('collectors that throw, reject, hang or cannot be created delay no other, and none is started twice', async () => {
    let [hanging, failures, creations] = [0, 0, 0]
    const { schedule, events, stateOf } = await scheduleOf(
      [
        task('throws', () => {
          failures += 1
          throw new Error('no')
        }),
        task('rejects', () => Promise.reject(new Error('refused'))),
        task(
          'hangs',
          () => {
            hanging += 1
            return new Promise(() => undefined)
          },
          { timeoutMs: 10 },
        ),
        task('missing', async () => ({}), {
          create: () => {
            creations += 1
            return Promise.reject(new Error('no library'))
          },
        }),
        task('works', async () => ({ measurements: [record] })),
      ],
      5,
    )
    schedule.start()
    while (failures < 3 || creations < 3 || stateOf('hangs')?.state !== 'failing') await once(events, 'emitted')
    expect(hanging).toBe(1)
    expect(stateOf('hangs')?.error).toBe('no result within 0.01 s')
    expect(stateOf('rejects')).toMatchObject({ state: 'failing', error: 'refused' })
    expect(stateOf('missing')).toMatchObject({ state: 'failing', error: 'no library' })
    expect(stateOf('works')).toMatchObject({ state: 'ok' })
  })

  test('the signal of a run is aborted at its timeout, and the next run comes', async () => {
    let runs = 0
    const { schedule, until, stateOf, portions } = await scheduleOf(
      [
        task(
          'slow',
          async (signal) => {
            runs += 1
            if (runs > 1) return { measurements: [record] }
            await once(signal, 'abort')
            throw new Error('aborted')
          },
          { timeoutMs: 10 },
        ),
      ],
      5,
    )
    schedule.start()
    await until('changed', () => stateOf('slow')?.state === 'failing')
    await until('changed', () => stateOf('slow')?.state === 'ok')
    expect(portions[0]?.measurements).toEqual([record])
  })

  test('a collector that fails is retried later each time, and recovers', async () => {
    const at: number[] = []
    const { schedule, until, stateOf } = await scheduleOf(
      [
        task('flaky', async () => {
          at.push(performance.now())
          if (at.length < 6) throw new Error('no')
          return { measurements: [record], problems: ['one of two'] }
        }),
      ],
      4,
    )
    schedule.start()
    await until('changed', () => stateOf('flaky')?.state === 'partial')
    // 4, 8, 16, 32 ms after the first retry: the sum is what timers guarantee.
    expect((at[5] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(55)
    expect(stateOf('flaky')).toMatchObject({ error: 'one of two', records: 1 })
  })

  test('collects at once when asked, and splits what does not fit one message', async () => {
    const many = Array.from({ length: 2_500 }, () => record)
    const { schedule, portions, until } = await scheduleOf(
      [task('many', async () => ({ measurements: many, past: true }))],
      1e6,
    )
    schedule.start()
    await until('emitted', () => portions.length === 3)
    expect(portions.map(({ measurements }) => measurements?.length)).toEqual([1000, 1000, 500])
    expect(portions.every(({ past }) => past)).toBe(true)
    await new Promise(setImmediate)
    schedule.collectNow()
    await until('emitted', () => portions.length === 6)
  })

  test('a source is marked as read only once its records are queued', async () => {
    for (const isQueued of [true, false]) {
      let committed = 0
      const collected = {
        measurements: [record],
        commit: async () => {
          committed += 1
        },
      }
      const { schedule, until, stateOf } = await scheduleOf([task('file', async () => collected)], 1e6, isQueued)
      schedule.start()
      await until('changed', () => stateOf('file')?.state === 'ok')
      expect(committed).toBe(isQueued ? 1 : 0)
    }
  })

  test('a cadence of its own does not follow that of the agent', async () => {
    const { schedule } = await scheduleOf(
      [task('own', async () => ({}), { cadenceMs: 1e6 }), task('agent', async () => ({}))],
      1e6,
    )
    schedule.setCadence(5e5)
    expect(schedule.devices()).toEqual([
      { id: 'own', cadence_s: 1000 },
      { id: 'agent', cadence_s: 500 },
    ])
  })

  test('collectors of one cadence run one after another, and are as far apart after a change of the cadence', async () => {
    const at = new Map<string, number>()
    const timed = (id: string) =>
      task(id, async () => {
        at.set(id, performance.now())
        return { measurements: [record] }
      })
    const { schedule, until } = await scheduleOf([timed('a'), timed('b'), timed('c')], 1e6)
    const apart = () => (at.get('c') ?? 0) - (at.get('a') ?? 0)
    schedule.start()
    await until('emitted', () => at.has('c'))
    // 50 ms between two: what timers guarantee, but for their rounding.
    expect(apart()).toBeGreaterThanOrEqual(98)
    at.clear()
    schedule.setCadence(200)
    await until('emitted', () => at.has('c'))
    expect(apart()).toBeGreaterThanOrEqual(98)
  })

  test('a change restarts the collectors that it changes, and no others', async () => {
    const created: string[] = []
    const stopped: string[] = []
    const counted = (id: string, key: string) =>
      task(id, async () => ({ measurements: [record] }), {
        key,
        create: async () => {
          created.push(key)
          return { devices: () => [{ id: key }], collect: async () => ({}), stop: () => void stopped.push(key) }
        },
      })
    const { schedule, stateOf, until } = await scheduleOf(
      [counted('a', 'a1'), counted('b', 'b1'), counted('c', 'c1')],
      1e6,
    )
    schedule.start()
    await until('changed', () => ['a', 'b', 'c'].every((id) => stateOf(id)?.state === 'ok'))
    await schedule.configure([counted('a', 'a1'), counted('b', 'b2'), counted('d', 'd1')])
    await until('changed', () => ['b', 'd'].every((id) => stateOf(id)?.state === 'ok'))
    expect(created).toEqual(['a1', 'b1', 'c1', 'b2', 'd1'])
    expect(stopped.sort()).toEqual(['b1', 'c1'])
    expect(schedule.devices().map(({ id }) => id)).toEqual(['a1', 'b2', 'd1'])
  })

  test('names a collector that fails since the change: a new one, or one that worked before', async () => {
    const broken = new Set(['before'])
    const collect = (id: string) => async () => {
      if (broken.has(id)) throw new Error(`${id} is broken`)
      return { measurements: [record] }
    }
    const tasks = ['works', 'before'].map((id) => task(id, collect(id)))
    const { schedule, stateOf, until } = await scheduleOf(tasks, 5)
    schedule.start()
    await until('changed', () => stateOf('works')?.state === 'ok' && stateOf('before')?.state === 'failing')
    broken.add('new')
    await schedule.configure([...tasks, task('new', collect('new'))])
    await until('changed', () => stateOf('new')?.state === 'failing')
    expect(schedule.newFailure).toMatchObject({ id: 'new', error: 'new is broken' })
    await schedule.configure(tasks)
    expect(schedule.newFailure).toBeUndefined()
    broken.add('works')
    await until('changed', () => stateOf('works')?.state === 'failing')
    expect(schedule.newFailure).toMatchObject({ id: 'works' })
  })
})
