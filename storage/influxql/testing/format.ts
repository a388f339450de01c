import type {
  BinaryExpression,
  Dimension,
  Expression,
  Fill,
  Limits,
  MeasurementSource,
  NameFilter,
  SelectedField,
  SelectStatement,
  ShowStatement,
  Source,
  Statement,
} from '../syntax/ast.ts'
import { reserved } from '../syntax/cursor.ts'
import { precedence } from '../syntax/expression.ts'
import { durationUnits } from '../syntax/lexer.ts'

/** InfluxQL of statements: `parseQuery` makes the same statements of it, but for their positions. */
export function formatQuery(statements: readonly Statement[]): string {
  return statements.map(formatStatement).join('; ')
}

function formatStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'select':
      return formatSelect(statement)
    case 'show':
      return formatShow(statement)
    case 'show databases':
      return 'SHOW DATABASES'
    case 'show retention policies':
      return clauses('SHOW RETENTION POLICIES', on(statement.database))
    case 'create database':
      return `CREATE DATABASE ${name(statement.name)}`
  }
}

function formatSelect(statement: SelectStatement): string {
  const { fields, sources, where, dimensions, fill, descending, zone } = statement
  return clauses(
    `SELECT ${fields.map(formatField).join(', ')} FROM ${sources.map(formatSource).join(', ')}`,
    where && `WHERE ${formatExpression(where)}`,
    dimensions.length > 0 && `GROUP BY ${dimensions.map(formatDimension).join(', ')}`,
    formatFill(fill),
    descending !== undefined && `ORDER BY time ${descending ? 'DESC' : 'ASC'}`,
    formatLimits(statement),
    zone !== undefined && `tz(${text(zone)})`,
  )
}

const subjects: Readonly<Record<ShowStatement['subject'], string>> = {
  measurements: 'MEASUREMENTS',
  series: 'SERIES',
  'tag keys': 'TAG KEYS',
  'tag values': 'TAG VALUES',
  'field keys': 'FIELD KEYS',
}

function formatShow(statement: ShowStatement): string {
  const { subject, database, sources, where } = statement
  const filter = statement.with && formatFilter(statement.with)
  return clauses(
    `SHOW ${subjects[subject]}`,
    on(database),
    subject === 'measurements' && filter && `WITH MEASUREMENT ${filter}`,
    sources.length > 0 && `FROM ${sources.map(formatMeasurement).join(', ')}`,
    subject === 'tag values' && filter && `WITH KEY ${filter}`,
    where && `WHERE ${formatExpression(where)}`,
    formatLimits(statement),
  )
}

function clauses(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ')
}

function on(database: string): string {
  return database === '' ? '' : `ON ${name(database)}`
}

function formatFilter(filter: NameFilter): string {
  if (filter.kind === 'regex') return `${filter.negated ? '!~' : '=~'} ${regex(filter.source)}`
  const [only = ''] = filter.names
  if (filter.names.length === 1) return `${filter.negated ? '!=' : '='} ${name(only)}`
  return `IN (${filter.names.map(name).join(', ')})`
}

function formatField({ expression, alias }: SelectedField): string {
  return formatExpression(expression) + (alias === undefined ? '' : ` AS ${name(alias)}`)
}

function formatSource(source: Source): string {
  return source.kind === 'measurement' ? formatMeasurement(source) : `(${formatSelect(source.statement)})`
}

function formatMeasurement({ database, policy, name: measurement, regex: pattern }: MeasurementSource): string {
  const path = database !== '' ? [database, policy] : policy !== '' ? [policy] : []
  const last = pattern === undefined ? name(measurement) : regex(pattern)
  return [...path.map((part) => (part === '' ? '' : name(part))), last].join('.')
}

function formatDimension(dimension: Dimension): string {
  switch (dimension.kind) {
    case 'time': {
      const offset = dimension.offset ? `, ${formatExpression(dimension.offset)}` : ''
      return `time(${duration(dimension.interval)}${offset})`
    }
    case 'tag':
      return name(dimension.name)
    case 'wildcard':
      return '*'
    case 'regex':
      return regex(dimension.source)
  }
}

function formatFill(fill: Fill): string {
  if (fill.kind === 'null') return ''
  return `fill(${fill.kind === 'number' ? number(fill.value) : fill.kind})`
}

function formatLimits({ limit, offset, seriesLimit, seriesOffset }: Limits): string {
  const counts = { LIMIT: limit, OFFSET: offset, SLIMIT: seriesLimit, SOFFSET: seriesOffset }
  return clauses(...Object.entries(counts).map(([word, count]) => count !== undefined && `${word} ${count}`))
}

/** InfluxQL of an expression, with parentheses only where the order of operators asks for them. */
export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return number(expression.value)
    case 'string':
      return text(expression.value)
    case 'boolean':
      return String(expression.value)
    case 'duration':
      return duration(expression.value)
    case 'regex':
      return regex(expression.source)
    case 'wildcard':
      return expression.of === 'any' ? '*' : `*::${expression.of}`
    case 'reference':
      return name(expression.name) + (expression.of === '' ? '' : `::${expression.of}`)
    case 'call':
      return `${expression.name}(${expression.arguments.map(formatExpression).join(', ')})`
    case 'binary':
      return formatBinary(expression)
  }
}

function formatBinary({ operator, left, right }: BinaryExpression): string {
  const own = precedence.get(operator) ?? 0
  const side = (expression: Expression, least: number) => {
    const inner = expression.kind === 'binary' ? (precedence.get(expression.operator) ?? 0) : Number.POSITIVE_INFINITY
    return inner < least ? `(${formatExpression(expression)})` : formatExpression(expression)
  }
  // Operators of the same strength are read from left to right.
  return `${side(left, own)} ${operator} ${side(right, own + 1)}`
}

function name(value: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !reserved.has(value.toUpperCase())
    ? value
    : `"${escaped(value, '"')}"`
}

function text(value: string): string {
  return `'${escaped(value, "'")}'`
}

function escaped(value: string, quote: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n')
}

function regex(source: string): string {
  return `/${source.replaceAll('/', '\\/')}/`
}

/** The largest unit that gives a whole number. */
function duration(value: bigint): string {
  const size = value < 0n ? -value : value
  const units = [...durationUnits].toReversed()
  const [unit, length] = units.find(([, one]) => size % one === 0n && size >= one) ?? ['ns', 1n]
  return `${value / length}${unit}`
}

/** Integers without a point, others with one and without an exponent, which InfluxQL does not know. */
function number(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  const [mantissa = '', exponent] = String(Math.abs(value)).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const shift = Number(exponent ?? 0)
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return `${sign}${padded.slice(0, at)}.${padded.slice(at) || '0'}`
}
