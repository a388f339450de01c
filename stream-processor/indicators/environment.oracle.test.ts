import { describe, expect, test } from 'vitest'
import { type OracleEvent, recompute } from '../testing/oracle.ts'
import { play } from '../testing/play.ts'
import { domains, measuredOf } from './table.ts'

const hourMs = 3_600_000
/** Midnight in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2026, 0, 31, 17)
const hours = 50

/** Numbers in quarters, which are exact, that follow from their place alone. */
const quarters = (seed: number, most: number) => Math.floor((((seed * 7919) % 97) * most * 4) / 97) / 4

type Values = OracleEvent['values']

/** What a device of a type measures, the `index`-th time. */
const measured: Readonly<Record<string, (index: number) => Values>> = {
  air_quality: (index) => ({
    pm25: quarters(index, 200),
    pm10: quarters(index + 1, 300),
    o3: quarters(index + 2, 250),
    no2: 40,
    so2: 20,
    co: 900,
  }),
  weather: (index) => ({
    temperature_c: 15 + quarters(index, 20),
    humidity_percent: 20 + quarters(index + 1, 80),
    rain_mm: index % 5 === 0 ? quarters(index, 12) : 0,
    wind_kmh: quarters(index + 2, 70),
    pressure_hpa: 880 + quarters(index, 20),
  }),
  rain_gauge: (index) => ({ rain_mm: quarters(index, 9), battery_v: 11 + quarters(index, 2) }),
  forest_post: (index) => ({
    temperature_c: 12 + quarters(index, 20),
    humidity_percent: 20 + quarters(index + 1, 80),
    rain_mm: index % 7 === 0 ? quarters(index, 12) : 0,
    wind_kmh: quarters(index + 2, 40),
    smoke: index % 9 === 0,
    patrols: index % 2,
    violations: index % 11 === 0 ? 1 : 0,
    hotspots: index % 13 === 0 ? 2 : 0,
  }),
  reservoir: (index) => ({
    level_m: 1040 + quarters(index, 3),
    normal_level_m: 1042,
    inflow_m3s: quarters(index, 1000),
    spill_m3s: quarters(index + 1, 600),
    turbine_m3s: 20,
    volume_m3: 1_000_000 * index,
    capacity_m3: 165_000_000,
  }),
  river: (index) => ({ level_m: quarters(index, 4), flow_m3s: quarters(index + 1, 500), battery_v: 12 }),
  water_quality: (index) => ({
    wqi: index % 100,
    ph: 6 + quarters(index, 3),
    dissolved_oxygen_mgl: quarters(index, 9),
    turbidity_ntu: quarters(index, 80),
    ammonium_mgl: quarters(index, 1),
    cod_mgl: quarters(index, 30),
    temperature_c: 20,
  }),
  soil: (index) => ({
    moisture_percent: quarters(index, 100),
    temperature_c: 20,
    ph: 5.5,
    tilt_deg: quarters(index, 2),
    pore_pressure_kpa: quarters(index, 30),
  }),
  traffic: (index) => ({
    vehicle_class: ['motorbike', 'car', 'truck', 'bicycle'][(index >> 1) % 4] as string,
    vehicles: index % 23,
    vehicles_total: (index * 12) % 400,
    ...(index % 6 === 0 ? {} : { speed_kmh: 20 + (index % 30) }),
    occupancy_percent: index % 90,
  }),
  camera: (index) => ({
    state: ['online', 'online', 'degraded', 'offline'][(index >> 1) % 4] as string,
    recording: index % 3 !== 0,
    bitrate_bps: 1000 * index,
    frames_per_s: 25 - (index % 2),
    dropped_frames_total: (index * 3) % 50,
  }),
  high_camera: (index) => ({
    state: index % 5 === 0 ? 'offline' : 'online',
    recording: index % 4 !== 0,
    visibility_km: quarters(index, 20),
    intrusions: index % 2,
    crowds: index % 3,
    smokes: index % 7 === 0 ? 1 : 0,
  }),
  site_power: (index) => ({
    mains: index % 6 !== 0,
    mains_v: 190 + (index % 50),
    battery_percent: index % 100,
    battery_minutes: index % 300,
    load_w: 100 + index,
    network: index % 8 !== 0,
    latency_ms: 10 + (index % 20),
    loss_percent: index % 5,
  }),
  system: (index) => ({
    cpu_percent: index % 30,
    memory_used_percent: index % 80,
    swap_used_percent: index % 60,
    disk_used_percent: 40 + quarters(index, 50),
    net_rx_bytes_per_s: 1000 + (index % 25),
    net_tx_bytes_per_s: 100 + (index % 25),
    temperature_c: 40 + (index % 50),
  }),
  file_system: (index) => ({ used_percent: 40 + quarters(index, 50) }),
  network_interface: (index) => ({ up: index % 6 !== 0 }),
  storage_drive: (index) => ({ healthy: index % 7 !== 0, temperature_c: 30 + (index % 40) }),
  service: (index) => ({ running: index % 5 !== 0 }),
}

/** A little more than two days of three devices, two of them at one site; the third goes silent for some hours. */
function eventsOf(type: string): OracleEvent[] {
  const valuesOf = measured[type] as (index: number) => Values
  const devices = [
    { site: 's', device: 'a', area: '24931' },
    { site: 's', device: 'b', area: '24931' },
    { site: 't', device: 'c', area: '24943' },
  ]
  const all = devices.flatMap((device, number) =>
    Array.from({ length: 2 * hours }, (_, index) => ({
      ...device,
      type,
      // In pairs, half a minute from each other: what holds for a minute and a half is known for two.
      ts: midnight + (index >> 1) * hourMs + (index % 2) * 30_000 + number * 60_000,
      values: valuesOf(index + 31 * number),
    })).filter(({ ts }) => number !== 2 || ts < midnight + 20 * hourMs || ts > midnight + 27 * hourMs),
  )
  return all.sort((a, b) => a.ts - b.ts)
}

const known = domains.filter(({ indicators }) =>
  measuredOf([{ id: '', title: { vi: '', en: '' }, indicators }]).some(({ source }) => source in measured),
)

describe.each(known)('every indicator of $id equals a recomputation from all events', (domain) => {
  test('over two days of three devices', () => {
    const all = measuredOf([domain])
    const sources = new Set(all.flatMap((one) => (one.kind === 'measured' ? [one.source] : [])))
    const events = [...sources].flatMap(eventsOf).sort((a, b) => a.ts - b.ts)
    const actual = play(all, events, midnight + 120 * 24 * hourMs)
    const expected = recompute(all, events)
    const at = (name: string) => name.split('|')[0] as string
    expect(new Set([...expected.keys()].map(at))).toEqual(new Set(all.map(({ id }) => id)))
    expect(actual.size).toBe(expected.size)
    for (const [name, want] of expected) {
      const got = actual.get(name)
      const tolerance =
        (name.includes('p95') || name.includes('p85') ? 0.0101 : 1e-6) * Math.max(1, Math.abs(want.value))
      if (!got || got.samples !== want.samples || Math.abs(got.value - want.value) > tolerance) {
        expect({ name, ...got }).toEqual({ name, ...want })
      }
    }
  })
})
