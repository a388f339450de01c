import { IocError } from '@ioc/contract/errors.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { slugOf } from '@ioc/contract/names.ts'
import { CsvFault, readCsv } from './csv.ts'
import type { RecordingMap } from './recording-map.ts'
import { timeReader } from './time-format.ts'

/** A device that a recording has measurements of. */
export interface RecordedDevice {
  readonly id: string
  readonly type: string | undefined
}

/** What a row of the file says, one record a device; `number` counts the rows from 1. */
export interface RecordedRow {
  readonly number: number
  readonly ts: number
  readonly records: readonly MeasurementRecord[]
}

/**
 * Reads the rows of a CSV file as records, in the order of the file.
 * @throws IocError RECORDING_INVALID naming file, line and column
 */
export async function* readRecording(path: string, map: RecordingMap): AsyncGenerator<RecordedRow> {
  const invalid = (where: string, reason: string, cause?: unknown) =>
    new IocError('RECORDING_INVALID', `${path}${where}: ${reason}`, { cause })
  const { separator = ',', decimal = '.', missing = [], time } = map
  const rows = readCsv(path, separator)
  let head: readonly string[] | undefined
  const next = async () => {
    try {
      return await rows.next()
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (!(error instanceof CsvFault)) throw invalid('', `cannot be read (${code ?? message})`, error)
      const column = head?.[error.field]
      throw invalid(`, line ${error.line}${column === undefined ? '' : `, column ${column}`}`, message, error)
    }
  }
  head = (await next()).value?.fields.map((name: string) => name.trim())
  if (!head) throw invalid('', 'is empty; expected a line with the names of the columns')
  const names = head
  const indexOf = (column: string) => {
    const index = names.indexOf(column)
    if (index < 0) throw invalid(', line 1', `no column ${column}; there are ${names.join(', ')}`)
    if (names.lastIndexOf(column) !== index) throw invalid(', line 1', `two columns have the name ${column}`)
    return index
  }
  const timeIndex = indexOf(time.column)
  const deviceIndex = map.device_column === undefined ? undefined : indexOf(map.device_column)
  const columns = map.columns.map((column) => ({ ...column, index: indexOf(column.column) }))
  const readTime = timeReader(time.format, time.zone)

  for (let number = 1; ; number++) {
    const { value: row, done } = await next()
    if (done || !row) return
    const at = (column: string) => `, line ${row.line}, column ${column}`
    if (row.fields.length !== names.length) {
      throw invalid(`, line ${row.line}`, `has ${row.fields.length} fields; expected ${names.length}, as in line 1`)
    }
    const text = (index: number) => (row.fields[index] ?? '').trim()
    const ts = readTime(text(timeIndex))
    if (ts === undefined) {
      const shown = JSON.stringify(text(timeIndex))
      throw invalid(at(time.column), `got ${shown}; expected a time as ${time.format}`)
    }
    const named = deviceIndex === undefined ? undefined : slugOf(text(deviceIndex))
    if (deviceIndex !== undefined && named === undefined) {
      throw invalid(
        at(map.device_column ?? ''),
        `got ${JSON.stringify(text(deviceIndex))}; expected the name of a device`,
      )
    }
    const records = new Map<string, { device: string; ts: number; type?: string; values: Record<string, number> }>()
    for (const { index, column, metric, factor = 1, offset = 0, ...own } of columns) {
      const raw = text(index)
      if (raw === '' || missing.includes(raw)) continue
      const value = numberOf(raw, decimal)
      if (value === undefined) {
        const shown = JSON.stringify(raw)
        throw invalid(at(column), `got ${shown}; expected a number, with "${decimal}" before its fraction`)
      }
      const device = own.device ?? named ?? map.device ?? ''
      const type = own.type ?? map.type
      const key = `${device} ${type}`
      const record = records.get(key) ?? { device, ts, ...(type === undefined ? {} : { type }), values: {} }
      record.values[metric] = value * factor + offset
      records.set(key, record)
    }
    yield { number, ts, records: [...records.values()] }
  }
}

/** A number as it is written by people: one that groups thousands could be read as another. */
function numberOf(text: string, decimal: '.' | ','): number | undefined {
  const match = /^([+-]?\d*)(?:([.,])(\d*))?(e[+-]?\d+)?$/i.exec(text)
  if (!match || (match[2] !== undefined && match[2] !== decimal)) return undefined
  const value = Number(text.replace(',', '.'))
  return Number.isFinite(value) ? value : undefined
}

/** What a recording holds. */
export interface RecordingSummary {
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly devices: readonly RecordedDevice[]
}

/** Reads all of a recording, so that nothing is sent of one that has a fault. @throws IocError RECORDING_INVALID */
export async function summarise(path: string, map: RecordingMap): Promise<RecordingSummary> {
  let rows = 0
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  const devices = new Map<string, RecordedDevice>()
  for await (const { ts, records } of readRecording(path, map)) {
    rows++
    first = Math.min(first, ts)
    last = Math.max(last, ts)
    for (const { device: id, type } of records) devices.set(id, { id, type })
  }
  if (rows === 0) throw new IocError('RECORDING_INVALID', `${path}: no rows after the names of the columns`)
  return { rows, first, last, devices: [...devices.values()] }
}
