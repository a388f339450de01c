import { readFileSync } from 'node:fs'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import { IocError } from '@ioc/contract/errors.ts'
import { Slug } from '@ioc/contract/messages/envelope.ts'
import { metricPattern } from '@ioc/contract/names.ts'
import { parseYamlFile } from '@ioc/runtime/district/yaml-file.ts'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { timeReader } from './time-format.ts'

const strict = { additionalProperties: false }
const Column = Type.String({ minLength: 1, maxLength: 200 })

/** What the columns of a CSV file mean: the file that `ioc replay --map` takes. */
const RecordingMap = Type.Object(
  {
    separator: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
    /** How fractions are written; a comma needs another separator. */
    decimal: Type.Optional(Type.Enum(['.', ','])),
    time: Type.Object(
      { column: Column, format: Type.String({ minLength: 1, maxLength: 50 }), zone: Type.Optional(Type.String()) },
      strict,
    ),
    /** The device of all columns that name none, or the column that names it. */
    device: Type.Optional(Slug),
    device_column: Type.Optional(Column),
    type: Type.Optional(Slug),
    /** What stands for no measurement, beside an empty field. */
    missing: Type.Optional(Type.Array(Type.String())),
    columns: Type.Array(
      Type.Object(
        {
          column: Column,
          metric: Type.String({ pattern: metricPattern }),
          device: Type.Optional(Slug),
          type: Type.Optional(Slug),
          /** The value is that of the column times `factor` plus `offset`. */
          factor: Type.Optional(Type.Number()),
          offset: Type.Optional(Type.Number()),
        },
        strict,
      ),
      { minItems: 1, maxItems: 256 },
    ),
  },
  strict,
)
export type RecordingMap = Type.Static<typeof RecordingMap>

const check = Compile(RecordingMap)

/** @throws IocError RECORDING_INVALID naming file, line and field */
export function readRecordingMap(path: string): RecordingMap {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new IocError('RECORDING_INVALID', `cannot read ${path} (${(cause as NodeJS.ErrnoException).code})`, { cause })
  }
  const { content, fault } = parseYamlFile(path, text, check, 'RECORDING_INVALID')
  if (content.decimal === ',' && (content.separator ?? ',') === ',') {
    throw fault(['decimal'], 'a decimal comma needs another separator, as ";"')
  }
  if (content.device === undefined && content.device_column === undefined) {
    const index = content.columns.findIndex(({ device }) => device === undefined)
    if (index >= 0) throw fault(['columns', index], 'names no device, and neither does device or device_column')
  }
  try {
    timeReader(content.time.format, content.time.zone)
  } catch (error) {
    throw fault(['time'], (error as Error).message)
  }
  const written = new Map<string, string>()
  for (const [index, { column, metric, device, type = content.type }] of content.columns.entries()) {
    const place = ['columns', index]
    const declared = type === undefined ? undefined : findDeviceType(type)
    if (type !== undefined && !declared) {
      throw fault(content.columns[index]?.type === undefined ? ['type'] : [...place, 'type'], `no device type ${type}`)
    }
    if (declared && !Object.hasOwn(declared.metrics, metric)) {
      const metrics = Object.keys(declared.metrics).join(', ')
      throw fault([...place, 'metric'], `${type} has no metric ${metric}; it has ${metrics}`)
    }
    const key = JSON.stringify([device, type, metric])
    const other = written.get(key)
    if (other !== undefined) throw fault([...place, 'metric'], `columns ${other} and ${column} are both ${metric}`)
    written.set(key, column)
  }
  return content
}
