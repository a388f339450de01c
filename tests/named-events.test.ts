import { siteKinds } from '@ioc/contract/district/site-kinds.ts'
import { concerns } from '@ioc/simulator/events.ts'
import type { ScenarioEvent } from '@ioc/simulator/scenarios/scenario.ts'
import { eventKinds } from '@ioc/simulator/scenarios/scenario.ts'
import { siteNamed, sites, worldOf } from '@ioc/simulator/testing/example-district.ts'
import type { Density } from '@ioc/simulator/timeline.ts'
import { expect, test } from 'vitest'
import { domainOf, valuesOf } from './harness/played-district.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnights in Asia/Ho_Chi_Minh: of a Monday in a dry month, of one in a school term, and of the day before the flood. */
const march = Date.UTC(2026, 2, 8, 17)
const october = Date.UTC(2026, 9, 11, 17)
const november = Date.UTC(2026, 10, 15, 17)

interface Case {
  readonly event: ScenarioEvent
  readonly density: Density
  /** Sites that the event is about; beside them one of most other kinds is played. */
  readonly sites: readonly string[]
  /** Sites that an event of one place moves beside that place. */
  readonly also?: readonly string[]
  /** Domains that may move. All others must stay exactly equal. */
  readonly domains: readonly string[]
  readonly rise?: readonly string[]
  readonly fall?: readonly string[]
  /** What must move, in whichever direction. */
  readonly move?: readonly string[]
}

const event = (
  kind: ScenarioEvent['kind'],
  from: number,
  hours: number,
  where: Pick<ScenarioEvent, 'site' | 'area'> = {},
): ScenarioEvent => ({ kind, from, to: from + hours * hourMs, ...where })

const cases: readonly Case[] = [
  {
    event: event('flood', november + 22 * hourMs, 40),
    density: 'fill',
    sites: ['ho-don-duong', 'thuy-van-dran', 'khi-tuong-dran', 'nuoc-dran', 'cam-cao-01', 'cam-thanh-my-01'],
    domains: ['water', 'weather', 'forest', 'air', 'traffic', 'security'],
    rise: [
      'reservoir_level',
      'reservoir_above_normal',
      'reservoir_inflow_1h',
      'reservoir_spill_1h',
      'reservoir_filling',
      'river_level',
      'river_level_max_1d',
      'river_flow_1h',
      'gauge_rain_24h',
      'weather_rain_24h',
      'forest_rain_24h',
      'soil_moisture_2h',
      'water_turbidity_2h',
    ],
    fall: ['water_wqi', 'security_visibility_1h', 'traffic_speed_1h'],
  },
  {
    event: event('forest_fire_week', march, 72),
    density: 'fill',
    sites: ['kiem-lam-dran', 'khi-tuong-dran', 'cam-cao-01', 'khong-khi-dran'],
    domains: ['weather', 'forest', 'air', 'security', 'water', 'traffic'],
    rise: [
      'weather_temperature_1h',
      'weather_wind_max_1h',
      'forest_temperature_1h',
      'forest_fire_p',
      'forest_fwi',
      'forest_hotspots_1d',
      'forest_smoke_1h',
      'forest_camera_smokes_1h',
      'security_smokes_1d',
      'air_pm25_1h',
      'air_vn_aqi_1h',
    ],
    fall: ['forest_humidity_min_1d', 'weather_humidity_1h', 'security_visibility_1h'],
  },
  {
    event: event('smog_night', october + 18 * hourMs, 14, { area: '24931' }),
    density: 'fill',
    sites: ['khong-khi-thanh-my', 'khong-khi-dran', 'cam-cao-01', 'cam-cao-02'],
    domains: ['air', 'security'],
    rise: ['air_pm25_1h', 'air_pm10_1h', 'air_vn_aqi_1h', 'air_unhealthy_hours_1d'],
    fall: [],
  },
  {
    event: event('one_stop_backlog', october, 96, { area: '24943' }),
    density: 'fill',
    sites: ['mot-cua-ka-do', 'mot-cua-dran', 'ubnd-ka-do'],
    domains: ['public-services'],
    rise: ['one_stop_in_process', 'one_stop_overdue', 'one_stop_overdue_by_field'],
    fall: ['one_stop_resolved_day', 'one_stop_on_time_30d', 'service_progress_points', 'service_index'],
  },
  {
    event: event('power_cut', october + 15 * hourMs, 4, { area: '24955' }),
    density: 'live',
    sites: ['mua-pro', 'cam-pro-01', 'cam-dran-01', 'mua-dran'],
    domains: ['infrastructure', 'cameras', 'completeness'],
    rise: ['power_off_now', 'power_outage_time_1d', 'power_outages_1d', 'camera_offline_now', 'network_down_now'],
    fall: [
      'power_mains_1h',
      'power_battery_min_1h',
      'network_up_1h',
      'camera_online_1h',
      'completeness_infrastructure',
      'completeness_cameras',
      'completeness_weather',
    ],
  },
  {
    event: event('stuck_sensor', october + 6 * hourMs, 24, { site: 'khong-khi-lac-lam' }),
    density: 'fill',
    sites: ['khong-khi-lac-lam', 'khong-khi-dran'],
    domains: ['air'],
    move: ['air_pm25_1h', 'air_pm10_1h'],
  },
  {
    event: event('stuck_sensor', october + 6 * hourMs, 24, { site: 'thuy-van-dran' }),
    density: 'fill',
    sites: ['thuy-van-dran', 'thuy-van-lac-lam'],
    domains: ['water'],
    move: ['river_level', 'river_flow_1h'],
  },
  {
    event: event('dead_camera', october + 6 * hourMs, 12, { site: 'cam-dran-01' }),
    density: 'fill',
    sites: ['cam-dran-01', 'cam-thanh-my-01'],
    domains: ['cameras'],
    rise: ['camera_offline_now', 'camera_outages_1d', 'camera_recording_gap_1d'],
    fall: ['camera_online_1h', 'camera_recording_1h', 'camera_uptime_1d', 'camera_frame_rate_1h'],
  },
  {
    event: event('wrong_clock', october + 6 * hourMs, 6, { site: 'khi-tuong-dran' }),
    density: 'fill',
    sites: ['khi-tuong-dran'],
    domains: [],
  },
  {
    event: event('offline_backfill', october + 15 * hourMs, 4, { site: 'ubnd-ka-do' }),
    density: 'live',
    sites: ['ubnd-ka-do', 'ubnd-dran'],
    domains: ['completeness'],
    fall: ['completeness_infrastructure', 'completeness_machines'],
  },
  {
    event: event('flu_outbreak', october, 60, { site: 'th-da-ron' }),
    density: 'fill',
    sites: ['th-da-ron', 'tyt-da-ron', 'th-dran', 'tyt-dran'],
    also: ['tyt-da-ron'],
    domains: ['education', 'health'],
    rise: ['education_sick_share_1d', 'health_visits_1d', 'health_disease_cases_7d_by_disease'],
    fall: ['education_attendance_1d'],
  },
  {
    event: event('tourist_weekend', october + 4 * dayMs + 12 * hourMs, 60),
    density: 'fill',
    sites: ['luu-tru-01', 'luu-tru-02', 'cam-thanh-my-01'],
    domains: ['tourism', 'traffic'],
    rise: [
      'tourism_guests_1d',
      'tourism_room_occupancy_1d',
      'lodging_registered_day',
      'traffic_flow_1h',
      'traffic_pcu_1h',
    ],
    fall: ['traffic_speed_1h'],
  },
]

test('each named event of the simulator is in the table', () => {
  expect(new Set(cases.map(({ event: { kind } }) => kind))).toEqual(new Set(eventKinds))
})

/** Kinds whose devices report every minute: played only where a case names them. */
const denseKinds = ['camera_pole', 'high_camera']

/** The sites of a case, and one of each other kind that is not among them. */
function played({ sites: names }: Case) {
  const chosen = names.map(siteNamed)
  const kinds = new Set(chosen.map(({ kind }) => kind))
  const others = Object.keys(siteKinds)
    .filter((kind) => !denseKinds.includes(kind) && !kinds.has(kind as keyof typeof siteKinds))
    .flatMap((kind) => sites.find((site) => site.kind === kind) ?? [])
  return [...chosen, ...others]
}

/** How long is played after an event. */
const marginMs = { live: 6 * hourMs, fill: 12 * hourMs } as const satisfies Record<Density, number>

/** But for rounding: what arrives later is added up in another order. */
function isSame(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one))
}

test.each(cases)('$event.kind moves what it should, in the right direction, and nothing else: $event', (one) => {
  const { event: happened, density, also = [] } = one
  const places = played(one)
  // To the next midnight, where the windows of the day end.
  const span = { sites: places, from: happened.from - 2 * hourMs, to: happened.to + marginMs[density], density }
  const usual = valuesOf({ ...span, world: worldOf() })
  const during = valuesOf({ ...span, world: worldOf([happened]), events: [happened] })

  // Windows of cases reach back from the first arrival by the allowed lateness: only those of the time itself are compared.
  const endOf = (name: string) => Number(name.slice(name.lastIndexOf('|') + 1))
  const names = [...new Set([...usual.keys(), ...during.keys()])].filter((name) => endOf(name) > span.from)
  const moved = names.filter((name) => !isSame(usual.get(name), during.get(name)))
  const idOf = (name: string) => name.slice(0, name.indexOf('|'))
  expect([...new Set(moved.map(idOf))].filter((id) => !one.domains.includes(domainOf.get(id) ?? id))).toEqual([])

  const concerned = new Set([...places.filter((site) => concerns(happened, site)).map(({ site }) => site), ...also])
  const elsewhere = moved.filter((name) => {
    const [, scope, key = ''] = name.split('|')
    return (scope === 'device' || scope === 'site') && !concerned.has(key.split('/')[0] ?? '')
  })
  expect(elsewhere).toEqual([])

  const change = new Map<string, number>()
  for (const name of moved) {
    const difference = (during.get(name) ?? 0) - (usual.get(name) ?? 0)
    if (usual.has(name) && during.has(name)) change.set(idOf(name), (change.get(idOf(name)) ?? 0) + difference)
  }
  const { rise = [], fall = [], move = [] } = one
  expect(rise.filter((id) => !((change.get(id) ?? 0) > 0))).toEqual([])
  expect(fall.filter((id) => !((change.get(id) ?? 0) < 0))).toEqual([])
  expect(move.filter((id) => !change.has(id))).toEqual([])
})
