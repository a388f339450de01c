import { displayZone } from '@ioc/runtime/display-time.ts'

/** How the times of a recording are written: parts of a date, or numbers since 1970. */
const parts = { yyyy: '\\d{4}', MM: '\\d{1,2}', dd: '\\d{1,2}', HH: '\\d{1,2}', mm: '\\d{2}', ss: '\\d{2}' } as const
const epochs: Readonly<Record<string, number>> = { unix_s: 1_000, unix_ms: 1 }

/** Reads a time, in ms since 1970, UTC; `undefined` for a text that is none in this format. */
export type ReadTime = (text: string) => number | undefined

/**
 * A reader of times in a format as `dd/MM/yyyy HH:mm`, `iso` (with its own offset, or in the zone), `unix_s` or `unix_ms`.
 * @param zone IANA name, as `Asia/Ho_Chi_Minh`
 * @throws RangeError for a zone or a format that does not exist
 */
export function timeReader(format: string, zone: string = displayZone): ReadTime {
  const offsetAt = zoneOffset(zone)
  const unit = epochs[format]
  if (unit !== undefined) {
    return (text) => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Math.round(Number(text) * unit) : undefined)
  }
  if (format === 'iso') return (text) => readIso(text.trim(), offsetAt)
  const names: string[] = []
  const pattern = format.replace(/yyyy|MM|dd|HH|mm|ss|[^A-Za-z0-9]|[A-Za-z0-9]/g, (part) => {
    if (!Object.hasOwn(parts, part)) return /[A-Za-z0-9]/.test(part) ? part : `\\${part}`
    names.push(part)
    return `(${parts[part as keyof typeof parts]})`
  })
  if (!['yyyy', 'MM', 'dd'].every((name) => names.includes(name))) {
    throw new RangeError(`${format} is not a time format: expected yyyy, MM and dd, or iso, unix_s, unix_ms`)
  }
  const whole = new RegExp(`^${pattern}$`)
  return (text) => {
    const match = whole.exec(text.trim())
    if (!match) return undefined
    // A part that the format leaves out is 0.
    const of = (name: string) => (names.includes(name) ? Number(match[names.indexOf(name) + 1]) : 0)
    return localTime([of('yyyy'), of('MM'), of('dd'), of('HH'), of('mm'), of('ss')], offsetAt)
  }
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|([+-])(\d\d):?(\d\d))?)?$/i
/** Whether a time of day is followed by an offset of its own. */
const withOffset = /:\d\d[\d.]*(Z|[+-]\d\d:?\d\d)$/i

function readIso(text: string, offsetAt: OffsetAt): number | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const [fraction = '', sign, hours = '0', minutes = '0'] = match.slice(7)
  const ownMs = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
  const parts = match.slice(1, 7).map((part) => Number(part ?? 0))
  const ms = localTime(parts, withOffset.test(text) ? () => ownMs : offsetAt)
  return ms === undefined ? undefined : ms + Math.floor(Number(`0${fraction}`) * 1_000)
}

type OffsetAt = (utc: number) => number

function localTime([year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0]: number[], offsetAt: OffsetAt) {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(wall)
  // JavaScript takes 31 February for 3 March.
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!isReal) return undefined
  // The offset at the wall time is near; that at the time which it gives is right, but within an hour that is skipped.
  return wall - offsetAt(wall - offsetAt(wall))
}

/** The offset of a zone from UTC at a time, in ms. @throws RangeError for a zone that does not exist */
function zoneOffset(zone: string): OffsetAt {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const clock = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, ...fields, ...clock })
  return (utc) => {
    const found = Object.fromEntries(format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(utc / 1_000) * 1_000
  }
}
