import type { FieldType } from '../../line-protocol/point.ts'
import { fieldOf, mayBeTag } from '../condition.ts'
import { refuse } from '../errors.ts'
import type { SourceMeasurement } from '../source.ts'
import type { Expression } from '../syntax/ast.ts'

type Reference = Extract<Expression, { kind: 'reference' }>

/** A measurement whose table has one column more for each number that the references ask for as another kind of one. */
export function withCasts(measurement: SourceMeasurement, references: readonly Reference[]): SourceMeasurement {
  const columns = new Map<string, string>()
  for (const reference of references) {
    const stored = measurement.fields.get(reference.name)
    const field = fieldOf(measurement, reference)
    if (!stored || !field || stored.id === field.id) continue
    columns.set(`f${field.id}`, castSql(`f${stored.id}`, stored.type, field.type))
  }
  if (columns.size === 0) return measurement
  const more = [...columns].map(([name, sql]) => `, ${sql} AS ${name}`).join('')
  const { derived } = measurement
  const wider = (table: string) => `(SELECT *${derived ? ', rowid' : ''}${more} FROM ${table})`
  return {
    ...measurement,
    table: wider(measurement.table),
    ...(derived && { derived: { ...derived, wider: derived.wider.map(wider) } }),
  }
}

/** Towards zero, and the least integer where a float is beyond all of them. What is no number has no integer. */
function castSql(column: string, from: FieldType, to: FieldType): string {
  if (to === 'float') return `CAST(${column} AS DOUBLE)`
  if (from !== 'float') return column
  return `CASE WHEN NOT isnan(${column})
    THEN coalesce(TRY_CAST(trunc(${column}) AS BIGINT), -9223372036854775807 - 1) END`
}

/**
 * Checks casts that are not those of stored fields, where InfluxDB's answers follow no rule that could be told.
 * @throws IocError QUERY_INVALID
 */
export function checkCasts(measurements: readonly SourceMeasurement[], references: readonly Reference[]): void {
  const derived = measurements.filter((one) => one.derived)
  for (const reference of references) {
    const { name, of, at } = reference
    if (of === 'unsigned' && measurements.some(({ fields }) => (fields.get(name)?.type ?? of) !== of)) {
      throw refuse(`${name} cannot be cast to unsigned`, at)
    }
    const fits = (one: SourceMeasurement) =>
      fieldOf(one, reference) !== undefined ||
      one.derived?.untyped.has(name) ||
      (!one.fields.has(name) && (one.series.length === 0 || mayBeTag(one, reference)))
    if (of !== '' && derived.length > 0 && !measurements.some(fits)) {
      throw refuse(`${name} of a subquery cannot be cast to ${of}`, at)
    }
  }
}
