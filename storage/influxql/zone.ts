const second = 1_000_000_000n
const millisecond = 1_000_000n
const day = 86_400n * second

interface Zone {
  readonly formatter: Intl.DateTimeFormat
  /** A span of time, both ends included, all of which it has one offset; the last that was asked about. In nanoseconds. */
  from: bigint
  to: bigint
  offset: bigint
}

/** The zones that were asked about last: each takes 130 kB, and its name may be written in many ways. */
const zones = new Map<string, Zone>()
const mostZones = 32

/** How far a zone is ahead of UTC at a time, both in nanoseconds. */
export function zoneOffset(name: string | undefined, time: bigint): bigint {
  if (name === undefined || name === 'UTC') return 0n
  const zone = zoneOf(name)
  // The times of an answer are near each other, and to ask costs thousands of times more than to compare.
  if (zone.from <= time && time <= zone.to) return zone.offset
  const offset = offsetAt(zone, time)
  const from = time - (((time % day) + day) % day)
  const to = from + day
  // No zone changes its offset twice within a day.
  if (offsetAt(zone, from) === offset && offsetAt(zone, to) === offset) Object.assign(zone, { from, to, offset })
  return offset
}

/** Whether it is the name of a zone. An offset is one to JavaScript, but not to InfluxDB. */
export function isZone(name: string): boolean {
  try {
    return !/^[+-]/.test(name) && zoneOf(name) !== undefined
  } catch {
    return false
  }
}

/** @throws RangeError for a name that no zone has */
function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (!zone) {
    const formatter = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    zone = { formatter, from: 1n, to: 0n, offset: 0n }
    for (const oldest of zones.keys()) if (zones.size >= mostZones) zones.delete(oldest)
    zones.set(name, zone)
  }
  return zone
}

function offsetAt({ formatter }: Zone, time: bigint): bigint {
  const name = formatter
    .formatToParts(new Date(Number(time / millisecond)))
    .find((part) => part.type === 'timeZoneName')
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(name?.value ?? '') ?? []
  const size = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)
  return (sign === '-' ? -size : size) * second
}

/** The UTC time of a local time. */
export function fromLocal(zone: string | undefined, local: bigint): bigint {
  const guess = local - zoneOffset(zone, local)
  return local - zoneOffset(zone, guess)
}

/** The same; of a local time that comes twice, when clocks are turned back, the first. */
export function firstFromLocal(zone: string | undefined, local: bigint): bigint {
  const before = local - zoneOffset(zone, local - day)
  return before + zoneOffset(zone, before) === local ? before : fromLocal(zone, local)
}

const month = 30n * day

/** From when on a zone had an offset from UTC. */
export interface ZoneChange {
  readonly from: bigint
  readonly offset: bigint
}

/** The offsets that a zone had over a span of time; the first holds from the beginning. */
export function zoneChanges(zone: string | undefined, from: bigint, to: bigint): ZoneChange[] {
  const start = from < 0n ? 0n : from
  if (zone === undefined || zone === 'UTC') return [{ from: start, offset: 0n }]
  // Times that are far apart: of those near them nothing is asked.
  const asked = zoneOf(zone)
  const changes = [{ from: start, offset: offsetAt(asked, start) }]
  for (let time = start; time < to; time += month) {
    const next = time + month < to ? time + month : to
    const last = changes.at(-1)?.offset
    const offset = offsetAt(asked, next)
    if (offset !== last) changes.push({ from: changeBetween(asked, time, next), offset })
  }
  return changes
}

function changeBetween(zone: Zone, from: bigint, to: bigint): bigint {
  const before = offsetAt(zone, from)
  let low = from / second
  let high = to / second
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (offsetAt(zone, middle * second) === before) low = middle
    else high = middle
  }
  return high * second
}

/** RFC 3339 with as many digits of the second as needed, as InfluxDB prints times. */
export function formatTime(time: bigint, zone: string | undefined): string {
  const offset = zoneOffset(zone, time)
  const local = time + offset
  const fraction = ((local % second) + second) % second
  const whole = new Date(Number((local - fraction) / millisecond)).toISOString().slice(0, 19)
  const digits = fraction === 0n ? '' : `.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}`
  return `${whole}${digits}${offset === 0n ? 'Z' : formatOffset(offset)}`
}

function formatOffset(offset: bigint): string {
  const minutes = Number((offset < 0n ? -offset : offset) / (60n * second))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${offset < 0n ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
