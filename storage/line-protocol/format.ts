import { IocError } from '@ioc/contract/errors.ts'
import type { FieldValue } from './point.ts'
import { escapeMeasurement, escapeName } from './series-key.ts'

/** A line to be written. Numbers become floats, bigints integers. What is `undefined` is left out. */
export interface Line {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string | undefined>>
  readonly fields: Readonly<Record<string, FieldValue | undefined>>
  /** Milliseconds since 1970, UTC. */
  readonly ts: number
}

/**
 * Builds one line of line protocol with a timestamp in milliseconds, without the newline. Tags with an empty value are
 * left out, since line protocol cannot say them.
 * @throws IocError LINE_INVALID for what line protocol cannot say: no field, NaN, infinity, a newline in a name or tag,
 * a name that begins with `#` or ends in a backslash
 */
export function format(line: Line): string {
  let text = escapeMeasurement(checked(line.measurement, 'measurement'))
  if (text.charCodeAt(0) === 35) throw new IocError('LINE_INVALID', `measurement ${text} would be parsed as a comment`)
  for (const key in line.tags) {
    const value = line.tags[key]
    if (value === undefined || value === '') continue
    text += `,${escapeName(checked(key, 'tag key'))}=${escapeName(checked(value, 'tag value'))}`
  }
  let separator = ' '
  for (const key in line.fields) {
    const value = line.fields[key]
    if (value === undefined) continue
    text += `${separator}${escapeName(checked(key, 'field name'))}=${formatValue(value, key)}`
    separator = ','
  }
  if (separator === ' ') throw new IocError('LINE_INVALID', `a line of ${line.measurement} has no field`)
  if (!Number.isSafeInteger(line.ts)) {
    throw new IocError('LINE_INVALID', `${line.ts} is not a timestamp: expected integer milliseconds`)
  }
  return `${text} ${line.ts}`
}

function formatValue(value: FieldValue, key: string): string {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
      throw new IocError('LINE_INVALID', `field ${key} is ${value}, which line protocol cannot represent`)
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return `${value}i`
      throw new IocError('LINE_INVALID', `field ${key} is ${value}, beyond 64 bits`)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`
  }
}

// A line's end, or a backslash that would escape the separator after it.
const unsayable = /[\n\r]|\\$/

function checked(text: string, what: string): string {
  if (text !== '' && !unsayable.test(text)) return text
  throw new IocError(
    'LINE_INVALID',
    text === '' ? `a ${what} is empty` : `${what} ${JSON.stringify(text)} has a newline or ends in a backslash`,
  )
}
