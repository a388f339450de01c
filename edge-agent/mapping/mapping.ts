import { findCaseType } from '@ioc/contract/case-types/table.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { slugOf } from '@ioc/contract/names.ts'
import { declaredOf } from './birth.ts'
import { type DecimalMark, decimalMarkOfColumn } from './numbers.ts'
import type { MapOptions, TimeRule, ValueRule } from './options.ts'
import { endOfDay, type ParsedTime, parseTime } from './times.ts'
import { type Converted, converter, type Kind, type Reason, type Value } from './value.ts'

/** A row of a source: what is in a column, or at a pointer. `undefined`: there is no such column. */
export interface Row {
  /** How a person finds it: the number of a row, the topic of a message. */
  readonly label: string
  get(name: string): unknown
}

/** A value that cannot be used, and where it is. */
export interface RowProblem {
  readonly row: string
  /** Column, or pointer; empty for the row as a whole. */
  readonly column: string
  readonly reason: Reason
}

export interface Mapped {
  readonly measurements: MeasurementRecord[]
  readonly cases: CaseRecord[]
  readonly problems: RowProblem[]
  /** Problems beyond those that are listed. */
  readonly moreProblems: number
  /** Rows of which something is sent. */
  readonly usedRows: number
}

export interface MapRun {
  /** Time of rows without one of their own, in ms since 1970, UTC. */
  readonly ts: number
  /** Decimal mark of numbers that could be read either way. `undefined`: the column decides. */
  readonly decimal: DecimalMark | undefined
}

/** The most problems of one run that are listed. */
const maxProblems = 1_000
/** The most devices that the rows of a mapping may name. */
const maxDevices = 10_000

interface Reader {
  readonly name: string
  readonly rule: ValueRule
  readonly convert: (raw: unknown, mark: DecimalMark | undefined) => Converted
}

/** Turns rows into records by a validated mapping. */
export class Mapping {
  readonly #map: MapOptions
  readonly #device: Reader
  readonly #id: Reader | undefined
  readonly #state: Reader | undefined
  readonly #values: readonly Reader[]
  readonly #devices = new Set<string>()

  constructor(map: MapOptions) {
    this.#map = map
    this.#device = readerOf('device', map.device, 'string', undefined)
    this.#id = map.id && readerOf('id', map.id, 'string', undefined)
    this.#state = map.state && readerOf('state', map.state, 'string', undefined)
    this.#values = map.case === undefined ? metricReaders(map) : attributeReaders(map, map.case)
    if (map.device.value !== undefined) this.#devices.add(String(map.device.value))
  }

  /** The columns or pointers that it reads, but for optional values. */
  get sources(): readonly string[] {
    return this.#sourcesOf((rule) => !rule.optional)
  }

  /** All columns or pointers that it reads. */
  get allSources(): readonly string[] {
    return this.#sourcesOf(() => true)
  }

  #sourcesOf(isWanted: (rule: ValueRule) => boolean): string[] {
    const { time, opened, due, closed } = this.#map
    const rules = [this.#device, this.#id, this.#state, ...this.#values].flatMap((reader) =>
      reader ? [reader.rule] : [],
    )
    return [
      ...rules.flatMap((rule) => (rule.from === undefined || !isWanted(rule) ? [] : [rule.from])),
      ...[time, opened, due, closed].flatMap((rule) => (rule ? [rule.from] : [])),
    ]
  }

  /** Whether rows have a time of their own. */
  get hasTime(): boolean {
    return this.#map.time !== undefined
  }

  /** The devices of a fixed name, and those that rows have named so far. */
  devices(): DeviceBirth[] {
    const { type, case: caseType, name, lat, lon, reports_every_s: cadence_s } = this.#map
    const declared = declaredOf({ type: type ?? caseType, name, lat, lon, cadence_s })
    return [...this.#devices].map((id) => ({ id, ...declared }))
  }

  map(rows: readonly Row[], run: MapRun): Mapped {
    const found: RowProblem[] = []
    let count = 0
    const problem = (row: Row, column: string, reason: Reason): void => {
      count += 1
      if (found.length < maxProblems) found.push({ row: row.label, column, reason })
    }
    const read = new RowReader(this.#markOf(rows, run), problem)
    const mapped: Mapped = { measurements: [], cases: [], problems: found, moreProblems: 0, usedRows: 0 }
    let usedRows = 0
    for (const row of rows) {
      const used =
        this.#map.case === undefined ? this.#measure(row, run, read, mapped) : this.#openCase(row, run, read, mapped)
      if (used) usedRows += 1
    }
    return { ...mapped, moreProblems: count - found.length, usedRows }
  }

  #measure(row: Row, run: MapRun, read: RowReader, into: Mapped): boolean {
    const device = this.#deviceOf(row, read)
    const ts = this.#timeOf(row, run, read)
    const values = read.values(row, this.#values)
    if (device === undefined || ts === undefined || Object.keys(values).length === 0) return false
    const { type } = this.#map
    into.measurements.push({ device, ts, ...(type === undefined ? {} : { type }), values })
    return true
  }

  /** A case is whole: one of its own fields that cannot be read leaves it out; an attribute leaves out only itself. */
  #openCase(row: Row, run: MapRun, read: RowReader, into: Mapped): boolean {
    const { case: type = '', opened: openedRule, due: dueRule, closed: closedRule } = this.#map
    const before = read.problems
    const device = this.#deviceOf(row, read)
    const ts = this.#timeOf(row, run, read)
    const id = this.#id && read.text(row, this.#id)
    const state = this.#state && read.text(row, this.#state)
    const opened = openedRule && read.time(row, openedRule, true)
    const due = dueRule && read.time(row, dueRule, false)
    const closed = closedRule && read.time(row, closedRule, false)
    if (read.problems > before || device === undefined || ts === undefined || !opened) return false
    if (id === undefined || state === undefined) return false
    const closedMs = closed ? closedAt(closed, opened) : null
    const dueMs = due ? (due.isDay ? endOfDay(due.ms) : due.ms) : null
    if (dueMs !== null && dueMs < opened.ms) return read.reject(row, dueRule?.from ?? '', early)
    if (closedMs !== null && closedMs < opened.ms) return read.reject(row, closedRule?.from ?? '', early)
    const attributes = read.values(row, this.#values)
    into.cases.push({
      device,
      ts,
      type,
      case: { ...attributes, id, state, opened: opened.ms, due: dueMs, closed: closedMs },
    })
    return true
  }

  #deviceOf(row: Row, read: RowReader): string | undefined {
    const text = read.text(row, this.#device)
    if (text === undefined) return undefined
    const device = slugOf(text)
    if (device === undefined) {
      read.reject(row, this.#device.rule.from ?? 'device', {
        vi: `"${text}" không dùng làm tên thiết bị được`,
        en: `"${text}" cannot be the name of a device`,
      })
      return undefined
    }
    if (!this.#devices.has(device)) {
      if (this.#devices.size >= maxDevices) {
        read.reject(row, this.#device.rule.from ?? 'device', {
          vi: `quá ${maxDevices} thiết bị`,
          en: `more than ${maxDevices} devices`,
        })
        return undefined
      }
      this.#devices.add(device)
    }
    return device
  }

  #timeOf(row: Row, run: MapRun, read: RowReader): number | undefined {
    const { time } = this.#map
    return time ? read.time(row, time, true)?.ms : run.ts
  }

  /** The decimal mark of each column: that of the rule, else that of most of its numbers. */
  #markOf(rows: readonly Row[], run: MapRun): (rule: ValueRule) => DecimalMark | undefined {
    const known = new Map<ValueRule, DecimalMark | undefined>()
    return (rule) => {
      if (rule.decimal === 'comma') return ','
      if (rule.decimal === 'point') return '.'
      if (run.decimal !== undefined && rule.decimal !== 'auto') return run.decimal
      if (!known.has(rule)) {
        const texts = rows.map((row) => (rule.from === undefined ? undefined : row.get(rule.from)))
        known.set(rule, decimalMarkOfColumn(texts.filter((text) => typeof text === 'string')))
      }
      return known.get(rule)
    }
  }
}

const early: Reason = { vi: 'sớm hơn ngày nhận', en: 'is before the day of receipt' }

/** A day without a time of day begins at midnight: a case that was received and closed on it was closed after it was received. */
function closedAt(closed: ParsedTime, opened: ParsedTime): number {
  const isSameDay = closed.isDay && closed.ms <= opened.ms && opened.ms <= endOfDay(closed.ms)
  return isSameDay ? opened.ms : closed.ms
}

/** Reads values of rows, and reports those that cannot be used. */
class RowReader {
  readonly #markOf: (rule: ValueRule) => DecimalMark | undefined
  readonly #report: (row: Row, column: string, reason: Reason) => void
  problems = 0

  constructor(
    markOf: (rule: ValueRule) => DecimalMark | undefined,
    report: (row: Row, column: string, reason: Reason) => void,
  ) {
    this.#markOf = markOf
    this.#report = report
  }

  /** Reports a value that cannot be used. */
  reject(row: Row, column: string, reason: Reason): false {
    this.problems += 1
    this.#report(row, column, reason)
    return false
  }

  values(row: Row, readers: readonly Reader[]): Record<string, Value> {
    const values: Record<string, Value> = {}
    for (const reader of readers) {
      const value = this.#value(row, reader)
      if (value !== undefined) values[reader.name] = value
    }
    return values
  }

  /** A text that must be there. */
  text(row: Row, reader: Reader): string | undefined {
    const before = this.problems
    const value = this.#value(row, reader)
    if (value !== undefined && value !== '') return String(value)
    if (this.problems === before) this.reject(row, reader.rule.from ?? reader.name, missing)
    return undefined
  }

  time(row: Row, { from, format }: TimeRule, isRequired: boolean): ParsedTime | undefined {
    const raw = row.get(from)
    if (isEmpty(raw)) {
      if (isRequired || raw === undefined) this.reject(row, from, missing)
      return undefined
    }
    const time = parseTime(raw, format)
    if (!time)
      this.reject(row, from, { vi: `"${String(raw)}" không phải là ngày giờ`, en: `"${String(raw)}" is not a time` })
    return time
  }

  /** An empty cell was not measured; a source without the column is another source than the mapping is for. */
  #value(row: Row, { rule, name, convert }: Reader): Value | undefined {
    const raw = rule.from === undefined ? rule.value : row.get(rule.from)
    if (isEmpty(raw)) {
      if (raw === undefined && !rule.optional) this.reject(row, rule.from ?? name, missing)
      return undefined
    }
    const converted = convert(raw, this.#markOf(rule))
    if ('value' in converted) return converted.value
    this.reject(row, rule.from ?? name, converted.reason)
    return undefined
  }
}

const missing: Reason = { vi: 'không có giá trị', en: 'has no value' }

function isEmpty(raw: unknown): boolean {
  return raw === undefined || raw === null || (typeof raw === 'string' && raw.trim() === '')
}

function readerOf(name: string, rule: ValueRule, kind: Kind | undefined, unit: string | undefined): Reader {
  return { name, rule, convert: converter(rule, kind, unit) }
}

function metricReaders({ type, values = {} }: MapOptions): Reader[] {
  const metrics = type === undefined ? undefined : findDeviceType(type)?.metrics
  return Object.entries(values).map(([name, rule]) =>
    readerOf(name, rule, metrics?.[name]?.kind, metrics?.[name]?.unit),
  )
}

function attributeReaders({ attributes = {} }: MapOptions, type: string): Reader[] {
  const declared: Readonly<Record<string, { readonly kind: Kind } | undefined>> = findCaseType(type)?.attributes ?? {}
  return Object.entries(attributes).map(([name, rule]) => readerOf(name, rule, declared[name]?.kind, undefined))
}
