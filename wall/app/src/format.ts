import { countedThings } from '@ioc/contract/boards/counted.ts'
import { language } from './preferences.ts'
import { say } from './words.ts'

/** Where everything is shown in local time: inside, all is UTC. */
export const timeZone = 'Asia/Ho_Chi_Minh'

const numberFormats = new Map<string, Intl.NumberFormat>()
const timeFormats = new Map<string, Intl.DateTimeFormat>()

export interface Figure {
  readonly figure: string
  readonly unit: string
}

const prefixes = ['', 'k', 'M', 'G', 'T', 'P'] as const
/** Units that have the same sign in both languages, where UCUM writes another. */
const plainUnits: Readonly<Record<string, string>> = {
  Cel: '°C',
  'ug/m3': 'µg/m³',
  By: 'B',
  'By/s': 'B/s',
  'Cel.hPa': '°C·hPa',
  m3: 'm³',
  'm3/s': 'm³/s',
  deg: '°',
  '{NTU}': 'NTU',
  '{PCU}': 'PCU',
  '[pH]': '',
  '1': '',
}

/** Units that people read in words: in Vietnamese, in English of one, and of more. */
const wordedUnits: Readonly<Record<string, readonly [vi: string, one: string, more: string]>> = {
  d: ['ngày', 'day', 'days'],
  '{day}': ['ngày', 'day', 'days'],
  h: ['giờ', 'h', 'h'],
  min: ['phút', 'min', 'min'],
  '{time}': ['lần', 'time', 'times'],
  '{camera}': ['camera', 'camera', 'cameras'],
  '{site}': ['điểm', 'site', 'sites'],
  '{point}': ['điểm', 'point', 'points'],
  '{PCU}/h': ['PCU/giờ', 'PCU/h', 'PCU/h'],
  'm/h': ['m/giờ', 'm/h', 'm/h'],
  'hPa/h': ['hPa/giờ', 'hPa/h', 'hPa/h'],
  'kPa/h': ['kPa/giờ', 'kPa/h', 'kPa/h'],
  '%/d': ['%/ngày', '%/day', '%/day'],
}

/** Units of what is counted: whole numbers stay whole. */
const countUnits: ReadonlySet<string> = new Set(['1', '{day}', '{time}', '{camera}', '{site}'])
/** Units that have a prefix where they are many. */
const prefixedUnits: ReadonlySet<string> = new Set(['By', 'By/s', 'bit/s'])
/** Digits after the point, of units in which they count whatever the size: alarm levels are given in centimetres. */
const fixedDigits: Readonly<Record<string, number>> = { m: 2, 'm/h': 2 }

/** Amounts of money, the largest first. */
const moneyUnits = [
  { size: 1e9, vi: 'tỷ đồng', en: 'bn VND' },
  { size: 1e6, vi: 'triệu đồng', en: 'm VND' },
  { size: 1, vi: 'đồng', en: 'VND' },
] as const

/**
 * A value as people read it: many bytes with a prefix, few digits unless their number is given, the separators and units
 * of the viewer's language.
 */
export function formatValue(value: number, unit: string, source = '', digits?: number): Figure {
  if (unit === 'VND') return formatMoney(value, digits)
  const text = unitText(value, unit, source)
  if (!prefixedUnits.has(unit)) return { figure: formatFigure(value, unit, digits), unit: text }
  let scaled = value
  let step = 0
  while (Math.abs(scaled) >= 999.5 && step < prefixes.length - 1) {
    scaled /= 1000
    step++
  }
  return { figure: formatMeasured(scaled, digits), unit: `${prefixes[step]}${text}` }
}

/** In tỷ or triệu đồng, from about one of them up. */
function formatMoney(value: number, digits?: number): Figure {
  const { size, vi, en } = moneyUnits.find((one) => Math.abs(value) >= 0.9995 * one.size) ?? moneyUnits[2]
  const figure = size === 1 ? numberFormat(0, 0).format(value) : formatMeasured(value / size, digits)
  return { figure, unit: language.value === 'vi' ? vi : en }
}

function formatFigure(value: number, unit: string, asked?: number): string {
  const digits = asked ?? fixedDigits[unit]
  if (digits !== undefined) return numberFormat(digits, digits).format(value)
  return countUnits.has(unit) && Number.isInteger(value) ? formatNumber(value) : formatMeasured(value)
}

/** A unit in words where people use words for it: times, and what is counted. */
function unitText(value: number, unit: string, source: string): string {
  const isVietnamese = language.value === 'vi'
  const counted = wordOf(countedThings[source], value)
  switch (unit) {
    case '1':
      return counted
    case '1/h':
      return `${counted}/${isVietnamese ? 'giờ' : 'h'}`
    case '1/min':
      return `${counted}/${isVietnamese ? 'phút' : 'min'}`
    case '1/s':
      return `${counted}/${isVietnamese ? 'giây' : 's'}`
    default:
      return wordOf(wordedUnits[unit], value) || (plainUnits[unit] ?? unit)
  }
}

function wordOf(words: readonly [vi: string, one: string, more: string] | undefined, value: number): string {
  const [vi, one, more] = words ?? ['', '', '']
  if (language.value === 'vi') return vi
  return value === 1 ? one : more
}

/** What is measured keeps its digit after the point even when that is 0: "42,5" must not jump to "43". */
function formatMeasured(value: number, digits?: number): string {
  if (digits !== undefined) return numberFormat(digits, digits).format(value)
  const size = Math.abs(value)
  if (size >= 99.95 || value === 0) return numberFormat(0, 0).format(value)
  return size >= 1 ? numberFormat(1, 1).format(value) : numberFormat(1, 2).format(value)
}

/** A count: no more digits than it has, and no more than one. */
export function formatNumber(value: number): string {
  return numberFormat(0, 1).format(value)
}

/** A limit, which may be small: no more digits than it has, and no more than two. */
export function formatLimit(value: number): string {
  return numberFormat(0, 2).format(value)
}

function numberFormat(least: number, most: number): Intl.NumberFormat {
  const key = `${language.value} ${least} ${most}`
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale(), { minimumFractionDigits: least, maximumFractionDigits: most })
    numberFormats.set(key, format)
  }
  return format
}

const halfDayMs = 43_200_000
const dayMs = 86_400_000

/** How long ago, in the largest unit that fits; half a day ago and more, a time of yesterday is said as one. */
export function formatAge(ts: number, now: number): string {
  const ms = Math.max(0, now - ts)
  const seconds = Math.round(ms / 1000)
  if (seconds < 2) return say('now')
  const english = language.value === 'en'
  const text = (count: number, vi: string, en: string) => `${formatNumber(count)} ${english ? en : vi} ${say('ago')}`
  if (seconds < 120) return text(seconds, 'giây', 's')
  if (seconds < 7_200) return text(Math.floor(seconds / 60), 'phút', 'min')
  if (ms >= halfDayMs && formatDay(ts) === formatDay(now - dayMs)) return `${say('yesterday')} ${formatClock(ts)}`
  if (seconds < 172_800) return text(Math.floor(seconds / 3_600), 'giờ', 'h')
  return text(Math.floor(seconds / 86_400), 'ngày', 'days')
}

/** A duration that may be negative, as a clock's offset. */
export function formatOffset(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1_000) return `${formatNumber(Math.round(ms))} ms`
  if (size < 120_000) return `${formatNumber(ms / 1_000)} s`
  return `${formatNumber(ms / 60_000)} ${language.value === 'vi' ? 'phút' : 'min'}`
}

export function formatTime(ts: number): string {
  return timeFormat('time', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(ts)
}

export function formatClock(ts: number): string {
  return timeFormat('clock', { hour: '2-digit', minute: '2-digit', hour12: false }).format(ts)
}

/** As `30/11/2026 14:32:05`, wherever a time stands alone. */
export function formatDateTime(ts: number): string {
  return `${formatDay(ts)} ${formatTime(ts)}`
}

export function formatDay(ts: number): string {
  return timeFormat('day', { day: '2-digit', month: '2-digit', year: 'numeric' }).format(ts)
}

export function formatDayOfYear(ts: number): string {
  return formatDay(ts).slice(0, 'dd/mm'.length)
}

export function formatMonth(ts: number): string {
  return formatDay(ts).slice('dd/'.length)
}

export function formatDate(ts: number): string {
  return timeFormat('date', { weekday: 'long', day: '2-digit', month: '2-digit', year: 'numeric' }).format(ts)
}

/** A time of today as a time, of another day with its date. */
export function formatInstant(ts: number, now: number): string {
  const time = formatTime(ts)
  return formatDay(ts) === formatDay(now) ? time : `${time} ${formatDay(ts)}`
}

/** A time of today to the minute, of another day with its date; midnight of another day is the day alone. */
export function formatMoment(ts: number, now: number): string {
  const clock = formatClock(ts)
  if (formatDay(ts) === formatDay(now)) return clock
  return clock === '00:00' ? formatDay(ts) : `${clock} ${formatDay(ts)}`
}

function timeFormat(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${name}`
  let format = timeFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale(), { ...options, timeZone })
    timeFormats.set(key, format)
  }
  return format
}

function locale(): string {
  return language.value === 'vi' ? 'vi-VN' : 'en-GB'
}
