import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'

/** A small district: what its nodes say in each minute. Always the same, so that runs can be compared. */
export interface District {
  minute(now: number): LogRecord[]
}

const day = 86_400_000
const hour = 3_600_000
const sites = 12
/** One measurement in so many is late, by up to two days. */
const latePerMille = 20

interface Device {
  readonly site: number
  readonly name: string
  readonly type: keyof typeof measures
  readonly everyMinutes: number
}

/** What a device of a type measures: `at` goes from 0 to 1 and back within a day. */
const measures = {
  system: (at: number, noise: number) => ({
    cpu_percent: 20 + 50 * at + 10 * noise,
    memory_used_percent: 40 + 20 * noise,
    disk_used_percent: 60 + at,
  }),
  air_quality: (at: number, noise: number) => ({ pm25: 15 + 20 * at + 5 * noise, pm10: 30 + 30 * at, o3: 60 * at }),
  weather: (at: number, noise: number) => ({
    temperature_c: 18 + 10 * at,
    humidity_percent: 90 - 30 * at,
    rain_mm: noise,
  }),
  traffic: (at: number, noise: number) => ({
    vehicles: Math.floor(30 * at + 5 * noise),
    speed_kmh: 50 - 10 * at,
    vehicle_class: noise > 0.5 ? 'car' : 'motorbike',
  }),
  camera: (_at: number, noise: number) => ({ state: noise > 0.02 ? 'online' : 'offline', recording: noise > 0.05 }),
} as const

const kinds: readonly (readonly [Device['type'], count: number, everyMinutes: number])[] = [
  ['system', 24, 1],
  ['air_quality', 12, 1],
  ['weather', 12, 10],
  ['traffic', 12, 1],
  ['camera', 12, 1],
]

export function createDistrict(start: number): District {
  const devices = kinds.flatMap(([type, count, everyMinutes]) =>
    Array.from(
      { length: count },
      (_, index): Device => ({ site: index % sites, name: `${type}-${index}`, type, everyMinutes }),
    ),
  )
  const seqs = new Map<string, number>()
  let random = 7
  const nextRandom = (): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
    return random / 2 ** 32
  }

  const record = (kind: 'telemetry' | 'cases', site: number, now: number, records: readonly unknown[]): LogRecord => {
    const node = `node-${kind}`
    const seq = (seqs.get(`${site}/${node}`) ?? 0) + 1
    seqs.set(`${site}/${node}`, seq)
    const payload = Buffer.from(JSON.stringify({ epoch: 'soak', seq, sent: now, records }))
    return { kind, site: `site-${site}`, node, arrival: now, payload }
  }

  /** Each day a device of each kind is taken away and another one comes. */
  const nameOf = ({ name }: Device, now: number): string => {
    const replaced = Math.floor((now - start) / day)
    return name.endsWith('-0') ? `${name}-${replaced}` : name
  }

  function measurements(now: number): LogRecord[] {
    const minute = Math.floor((now - start) / 60_000)
    const at = (1 - Math.cos((2 * Math.PI * ((now - start) % day)) / day)) / 2
    const due = devices.filter(({ everyMinutes }) => minute % everyMinutes === 0)
    return [...Map.groupBy(due, ({ site }) => site)].map(([site, here]) => {
      const records = here.map((device) => {
        const late = nextRandom() * 1000 < latePerMille ? nextRandom() * 2 * day : 0
        const values = measures[device.type](at, nextRandom())
        return { device: nameOf(device, now), type: device.type, ts: Math.floor(now - late), values }
      })
      return record('telemetry', site, now, records)
    })
  }

  /** Every hour a site opens two dossiers, and closes those of some days ago. */
  function cases(now: number): LogRecord[] {
    if ((now - start) % hour !== 0) return []
    const number = (now - start) / hour
    const dossier = (opened: number, closed: number | null) => ({
      device: 'one-stop',
      type: 'one_stop',
      ts: now,
      case: {
        id: `dossier-${opened}`,
        state: closed === null ? 'open' : 'closed',
        opened: start + opened * hour,
        due: start + (opened + 72) * hour,
        closed,
        field: `field-${opened % 5}`,
      },
    })
    return Array.from({ length: sites }, (_, site) => {
      const old = number - 48 - (site % 3) * 24
      const records = [dossier(number, null), ...(old >= 0 ? [dossier(old, now)] : [])]
      return record('cases', site, now, records)
    })
  }

  return { minute: (now) => [...measurements(now), ...cases(now)] }
}
