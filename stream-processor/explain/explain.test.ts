import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { count, mean, shareInState } from '../engine/aggregates/aggregates.ts'
import { derived, type Indicator, indicator, latest } from '../indicators/indicator.ts'
import { indicators as declared } from '../indicators/table.ts'
import { openCheckpointStore } from '../state/checkpoint-store.ts'
import { testEngine } from '../testing/engine.ts'
import type { OracleEvent } from '../testing/oracle.ts'
import { recordsOf } from '../testing/play.ts'
import { explain, type Question } from './explain.ts'
import { openSavedEngines, type SavedEngines } from './saved-engines.ts'
import { sayExplanation } from './text.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Midnight in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2026, 0, 31, 17)
const title = { vi: 'thử', en: 'test' }
const about = { vi: 'Thử.', en: 'A test.' }

const ofAir = { title, about, source: 'air_quality', scopes: ['device'] } as const

const sparse = indicator({
  ...ofAir,
  id: 'test_sparse',
  unit: 'ug/m3',
  window: { kind: 'sliding', size_s: 60, every_s: 3600 },
  aggregates: { value: mean('pm25') },
  value: ({ value }) => value,
})

/** By the minute. */
const online = indicator({
  id: 'test_online',
  title: { vi: 'thử', en: 'test' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '1',
  source: 'camera',
  window: { kind: 'sliding', size_s: 3600, every_s: 60 },
  scopes: ['site'],
  levels: { direction: 'below', critical: 0.8 },
  aggregates: { share: shareInState('state', 'online', { hold_s: 90 }) },
  value: ({ share }) => share,
})

/** Divided by nothing. */
const impossible = indicator({
  ...ofAir,
  id: 'test_impossible',
  unit: '1',
  window: { kind: 'tumbling', size_s: 3600 },
  levels: { direction: 'above', critical: 1 },
  aggregates: { values: count('pm25') },
  value: ({ values }) => values / 0,
})

const hourlyIndex = declared.find(({ id }) => id === 'air_vn_aqi_1h') as Indicator
const twice = derived({
  ...hourlyIndex,
  id: 'test_twice',
  inputs: { index: latest(hourlyIndex) },
  value: ({ index: [index] }) => index && 2 * index,
})

const indicators = [...declared, sparse, online, impossible, twice]

/** Of one site a partition: air every ten minutes for half a day, a road and a camera for an hour. */
function eventsOf(site: string, base: number): OracleEvent[] {
  const common = { site, area: '24931' }
  const air = Array.from({ length: 72 }, (_, index) => ({
    ...common,
    type: 'air_quality',
    device: 'kk-01',
    ts: midnight + index * 10 * minuteMs,
    values: { pm25: base + (index % 6), o3: 100 },
  }))
  const road = Array.from({ length: 60 }, (_, minute) => ({
    ...common,
    type: 'traffic',
    device: 'xe-01',
    ts: midnight + minute * minuteMs,
    values: { vehicle_class: 'car', vehicles: 2, vehicles_total: 100 + 2 * minute, speed_kmh: 30 + (minute % 10) },
  }))
  const cameras = Array.from({ length: 240 }, (_, index) => ({
    ...common,
    type: 'camera',
    device: `cam-0${(index % 2) + 1}`,
    ts: midnight + Math.floor(index / 2) * 30_000,
    values: { state: index % 2 === 0 || index < 120 ? 'online' : 'offline' },
  }))
  return [...air, ...road, ...cameras].sort((a, b) => a.ts - b.ts)
}

let folder: string
let saved: SavedEngines

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ioc-explain-'))
  for (const [partition, site] of ['truong', 'cho'].entries()) {
    const path = join(folder, `partition-${partition}`)
    mkdirSync(path)
    const store = openCheckpointStore(path)
    const engine = testEngine({ indicators, areaOf: () => '24931', archiveOf: store.archiveOf })
    const records = recordsOf(eventsOf(site, 20 + 10 * partition))
    for (const [offset, record] of records.entries()) {
      engine.process({ offset, records: [record], next: offset + 1 })
      if (offset % 100 === 0) await store.save(engine.changes({ live: offset + 1, backlog: 0 }))
    }
    await store.save(engine.changes({ live: records.length, backlog: 0 }))
    await store.stop()
  }
  saved = openSavedEngines(folder, indicators)
})

afterAll(async () => {
  await saved.stop()
  rmSync(folder, { recursive: true })
})

const ask = (id: string, at: number, key: string, more: Partial<Question> = {}) =>
  explain(saved, indicators, { id, at, key, ...more })

describe('explaining a measured value', () => {
  test('shows each pane, what is merged of them, and the value', () => {
    const found = ask('air_o3_8h', midnight + 8 * hourMs, 'truong/kk-01')
    expect(found).toMatchObject({
      scope: 'device',
      value: 100,
      samples: 48,
      level: 0,
      savedAt: midnight + 71 * 10 * minuteMs,
    })
    expect(found.window).toEqual({ from: midnight, to: midnight + 8 * hourMs, isStamp: true, isOver: true })
    const panes = Array.from({ length: 8 }, (_, hour) => ({
      start: midnight + hour * hourMs,
      samples: 6,
      columns: { count: 6, sum: 600 },
      alone: { value: 100 },
    }))
    const aggregates = [{ name: 'value', text: 'mean(o3)', value: 100 }]
    expect(found.parts).toEqual({ kind: 'measured', paneMs: hourMs, aggregates, panes })
  })

  test('adds up the partitions of an area, and says which pane is of which', () => {
    const { parts, value, samples } = ask('air_pm25_1h', midnight + hourMs, '24931')
    expect({ value, samples }).toEqual({ value: 27.5, samples: 12 })
    expect(parts).toMatchObject({
      panes: [
        { of: 'part 1', alone: { value: 22.5 } },
        { of: 'part 2', alone: { value: 32.5 } },
      ],
    })
  })

  test('shows the devices of a site where the order of their events counts', () => {
    const { parts, value, level } = ask('test_online', midnight + hourMs, 'truong')
    expect({ value, level }).toEqual({ value: 0.75, level: 3 })
    const panes = parts.kind === 'measured' ? parts.panes : []
    expect(new Set(panes.map(({ of }) => of))).toEqual(new Set(['truong/cam-01', 'truong/cam-02']))
    expect(panes).toHaveLength(120)
    expect(panes.at(-1)?.columns).toMatchObject({ last_ts: midnight + hourMs - 30_000, last: 0, covered_ms: 30_000 })
  })

  test('takes the window that holds a time at which none ends, and says what is not over', () => {
    const within = ask('air_pm25_1h', midnight + 2.5 * hourMs, 'truong/kk-01')
    expect(within.window).toEqual({
      from: midnight + 2 * hourMs,
      to: midnight + 3 * hourMs,
      isStamp: false,
      isOver: true,
    })
    expect(sayExplanation(within)).toContain('no window ends at 2026-02-01 02:30:00; this window contains it\n')
    const going = ask('camera_uptime_1d', midnight + 24 * hourMs, 'truong/cam-02')
    expect(going.window).toMatchObject({ isStamp: true, isOver: false })
    expect(sayExplanation(going)).toContain('provisional')
  })

  test('says what the window needs before its value has a level', () => {
    const after = (minutes: number) => ask('camera_online_1h', midnight + minutes * minuteMs, 'truong')
    expect(after(20)).toMatchObject({ level: 0, required: { samples: 3, measuredMs: 30 * minuteMs, isMet: false } })
    expect(sayExplanation(after(20))).toContain('with at least 3 samples, measured for at least 1800 s)')
    expect(after(60)).toMatchObject({ level: 3, required: { isMet: true } })
    expect(sayExplanation(after(60))).not.toContain('with at least')
  })

  test('gives no value, and no level, for what is no number, as the engine', () => {
    const found = ask('test_impossible', midnight + hourMs, 'truong/kk-01')
    expect(found).toMatchObject({ value: undefined, level: 0, samples: 6 })
  })

  test('reads as text', () => {
    const text = sayExplanation(ask('traffic_vehicles_1h', midnight + hourMs, 'cho/xe-01', { group: 'car' }))
    expect(text).toBe(`Số xe theo loại, 1 giờ · Vehicles by class, 1 h (traffic_vehicles_1h)

of      device cho/xe-01, car
window  2026-02-01 00:00:00 → 2026-02-01 01:00:00 (UTC+7), each 1 h
state   as of 2026-02-01 11:50:00

panes of 3600 s with events: 1
pane from            samples  first_ts  first   last_ts  last  increase  → value
2026-02-01 00:00:00       60  00:00:00    100  00:59:00   218       118      118

merged   value = increase(vehicles_total, {hold_s: 600}) = 118
samples  60
formula  increase(vehicles_total, {hold_s: 600})
value    118
`)
  })

  test('shows all times in UTC where asked', () => {
    const text = sayExplanation(ask('air_vn_aqi_1h', midnight + 10 * hourMs, 'truong/kk-01'), true)
    expect(text).toContain('2026-02-01 02:00:00 → 2026-02-01 03:00:00 (UTC), each 1 h')
    expect(text).not.toContain('2026-02-01 10:00')
  })

  test('shows no more panes than fit', () => {
    const text = sayExplanation(ask('test_online', midnight + hourMs, 'truong'))
    expect(text.split('\n').filter((line) => line.includes('truong/cam-'))).toHaveLength(60)
    expect(text).toContain('… 60 more …')
  })
})

describe('explaining a derived value', () => {
  test('shows its inputs at each step, and what they are made of', () => {
    const found = ask('air_vn_aqi_1h', midnight + 10 * hourMs, 'truong/kk-01')
    expect(found).toMatchObject({ value: 45, level: 0, samples: 11 })
    const inputs = found.parts.kind === 'derived' ? found.parts.inputs : []
    expect(inputs.map(({ name, steps }) => [name, steps.length])).toEqual([
      ['pm25', 12],
      ['pm10', 12],
      ['o3', 1],
      ['no2', 1],
      ['so2', 1],
      ['co', 1],
    ])
    expect(inputs[0]?.steps[0]).toEqual({
      ts: midnight + 10 * hourMs,
      value: 22.5,
      samples: 6,
      of: { 'mean(pm25)': 22.5 },
    })
    expect(inputs[0]?.steps[11]).toEqual({ ts: midnight - hourMs, value: undefined, samples: 0, of: {} })
  })

  test('adds up the partitions', () => {
    expect(ask('air_vn_aqi_1h', midnight + 10 * hourMs, 'district')).toMatchObject({ value: 55 })
    // Half a day is too little for the index of a day.
    const found = ask('air_vn_aqi_1d', midnight + 10 * hourMs, 'district')
    const window = { isStamp: false, isOver: false, to: midnight + 24 * hourMs }
    expect(found).toMatchObject({ value: undefined, level: 0, window })
  })

  test('folds what has no value', () => {
    const lines = sayExplanation(ask('air_vn_aqi_1h', midnight + 2 * hourMs, 'truong/kk-01')).split('\n')
    const at = lines.indexOf('pm25 = air_pm25_1h: mean(pm25)')
    expect(lines.slice(at + 1, at + 5).map((line) => line.replaceAll(/ {2,}/g, '|'))).toEqual([
      'at|value ug/m3|samples|mean(pm25)',
      '2026-02-01 02:00:00|22.5|6|22.5',
      '2026-02-01 01:00:00|22.5|6|22.5',
      '2026-02-01 00:00:00 back to 2026-01-31 15:00:00|–',
    ])
  })

  test('one level down, an input that is derived shows what its own inputs were', () => {
    const found = ask('test_twice', midnight + 10 * hourMs, 'truong/kk-01')
    const inputs = found.parts.kind === 'derived' ? found.parts.inputs : []
    expect(inputs[0]?.steps[0]).toMatchObject({ value: 45, of: { pm25: 22.5, o3: 100 } })
    expect(found.value).toBe(90)
  })
})

describe('what cannot be explained', () => {
  test.each([
    ['air_pm25', 0, 'x', {}, 'no indicator air_pm25: did you mean air_pm25_1h, air_pm25_24h?'],
    ['zzz', 0, 'x', {}, 'no indicator zzz: "ioc indicators" lists all of them'],
    [
      'air_pm25_1h',
      0,
      'truong/kk-1',
      { scope: 'device' },
      'air_pm25_1h has no key truong/kk-1. Keys: truong/kk-01, cho/kk-01',
    ],
    ['air_pm25_1h', 0, 'cho', { scope: 'device' }, 'air_pm25_1h has no key cho. Keys: cho/kk-01, truong/kk-01'],
    ['weather_fire_p', 0, 'x', {}, 'weather_fire_p has no key x. Keys: none yet'],
    ['weather_fire_p', 0, 'x', { scope: 'area' }, 'weather_fire_p has no scope area; its scopes: device'],
    ['air_pm25_1h', 0, 'truong', { group: 'car' }, 'air_pm25_1h has no groups: omit the group'],
    ['traffic_vehicles_1h', 0, 'truong/xe-01', {}, 'traffic_vehicles_1h of truong/xe-01 is grouped. Groups: car'],
    [
      'air_pm25_1h',
      midnight + 40 * hourMs,
      'truong/kk-01',
      {},
      'air_pm25_1h has no measurement of truong/kk-01 from 2026-02-02 15:00:00 to 2026-02-02 16:00:00. The newest measurement of truong/kk-01 is from 2026-02-01 11:50:00',
    ],
    [
      'test_sparse',
      midnight + 5 * minuteMs,
      'truong/kk-01',
      {},
      'no window of test_sparse contains 2026-02-01 00:05:00. The newest measurement of truong/kk-01 is from 2026-02-01 11:50:00',
    ],
    [
      'air_vn_aqi_1h',
      midnight + 400 * hourMs,
      'truong/kk-01',
      {},
      'no input of air_vn_aqi_1h has a value at 2026-02-17 16:00:00',
    ],
  ] as const)('%s at %i of %s', (id, at, key, more, message) => {
    expect(() => ask(id, at, key, more)).toThrow(message)
  })

  test('a folder without a checkpoint', () => {
    expect(() => openSavedEngines(join(folder, 'none'), indicators)).toThrow('run the stream processor first')
  })
})
