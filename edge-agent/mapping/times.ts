import { timeOfText } from '@ioc/contract/messages/time-text.ts'

export const timeFormats = ['auto', 'iso', 'dmy', 'mdy', 'ymd', 'unix_s', 'unix_ms', 'excel'] as const
export type TimeFormat = (typeof timeFormats)[number]

export interface ParsedTime {
  /** Milliseconds since 1970, UTC. */
  readonly ms: number
  /** It is a day, without a time of day. */
  readonly isDay: boolean
}

const dayMs = 86_400_000
/** Day 0 of Excel's calendar, which has a 29 February 1900 that never was, counted from 1 March 1900 on. */
const excelEpoch = Date.UTC(1899, 11, 30)
/** Excel's day numbers from 1 March 1900 to the end of 9999. */
const excelDays = { min: 61, max: 2_958_465 } as const

/** `15/11/2026`, `15-11-2026 08:30`, `08:30 15/11/2026`, `8h30 15.11.2026`. */
const slashed =
  /^(?:(\d{1,2})[:hH](\d\d)(?::(\d\d))?,?\s+)?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[\sT,]+(\d{1,2})[:hH](\d\d)(?::(\d\d))?)?$/
/** `20261115`, `202611150830`, `20261115083000`. */
const compact = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?$/

/**
 * Parses a time as registers, devices and exports write it. Without an offset it is of the district's clocks,
 * Asia/Ho_Chi_Minh. `undefined` where it is no time, such as 31/02/2026.
 */
export function parseTime(raw: unknown, format: TimeFormat): ParsedTime | undefined {
  if (raw instanceof Date) return known(raw.getTime(), false)
  if (typeof raw === 'bigint') return parseTime(Number(raw), format)
  if (typeof raw === 'number') return ofNumber(raw, format)
  if (typeof raw !== 'string') return undefined
  const text = raw.trim()
  switch (format) {
    case 'unix_s':
    case 'unix_ms':
    case 'excel':
      return /^-?\d+([.,]\d+)?$/.test(text) ? ofNumber(Number(text.replace(',', '.')), format) : undefined
    case 'iso':
      return ofIso(text)
    case 'ymd':
      return ofCompact(text) ?? ofIso(text)
    case 'dmy':
    case 'mdy':
      return ofSlashed(text, format === 'mdy')
    case 'auto':
      if (/^\d{10}$|^\d{13}$/.test(text)) return ofNumber(Number(text), format)
      return ofCompact(text) ?? ofSlashed(text, false) ?? ofIso(text)
    default:
      return format satisfies never
  }
}

function ofNumber(number: number, format: TimeFormat): ParsedTime | undefined {
  switch (format) {
    case 'unix_s':
      return known(number * 1000, false)
    case 'unix_ms':
      return known(number, false)
    case 'excel':
      return ofExcel(number)
    case 'ymd':
      return ofCompact(String(number))
    case 'auto':
      // Seconds since 1970 reach 1e11 in the year 5138, milliseconds passed it in 1973.
      if (number >= 1e11) return known(number, false)
      if (number >= 1e9) return known(number * 1000, false)
      return number >= 19_000_101 ? ofCompact(String(number)) : ofExcel(number)
    case 'iso':
    case 'dmy':
    case 'mdy':
      return undefined
    default:
      return format satisfies never
  }
}

function ofExcel(days: number): ParsedTime | undefined {
  if (!(days >= excelDays.min && days <= excelDays.max)) return undefined
  // To the second: a fraction of a day is not exact.
  const ms = excelEpoch + Math.round((days * dayMs) / 1000) * 1000
  return ofIso(new Date(ms).toISOString().slice(0, Number.isInteger(days) ? 10 : 19))
}

function ofCompact(text: string): ParsedTime | undefined {
  const [all, year, month, day, hour, minute, second = '00'] = compact.exec(text) ?? []
  if (all === undefined) return undefined
  return ofIso(hour === undefined ? `${year}-${month}-${day}` : `${year}-${month}-${day}T${hour}:${minute}:${second}`)
}

function ofSlashed(text: string, isMonthFirst: boolean): ParsedTime | undefined {
  const parts = slashed.exec(text)
  if (!parts) return undefined
  const [, beforeHour, beforeMinute, beforeSecond, first = '', second = '', year, afterHour, afterMinute, afterSecond] =
    parts
  if (beforeHour !== undefined && afterHour !== undefined) return undefined
  const [day, month] = isMonthFirst ? [second, first] : [first, second]
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const hour = beforeHour ?? afterHour
  if (hour === undefined) return ofIso(date)
  return ofIso(`${date}T${hour.padStart(2, '0')}:${beforeMinute ?? afterMinute}:${beforeSecond ?? afterSecond ?? '00'}`)
}

function ofIso(text: string): ParsedTime | undefined {
  // `timeOfText` reads plain numbers too.
  const ms = /^\d{4}-/.test(text) ? timeOfText(text) : undefined
  return ms === undefined ? undefined : known(ms, text.length === 10)
}

function known(ms: number, isDay: boolean): ParsedTime | undefined {
  return Number.isFinite(ms) ? { ms: Math.round(ms), isDay } : undefined
}

/** The last millisecond of the day that begins at `ms`. */
export function endOfDay(ms: number): number {
  return ms + dayMs - 1
}
