import type { FieldType } from '../../line-protocol/point.ts'
import type { SourceField } from '../source.ts'
import type { Reference } from '../syntax/ast.ts'
import type { RelationField } from './relation.ts'

const numeric: ReadonlySet<string> = new Set(['float', 'integer', 'unsigned'])

/** The field as a reference asks for it; `undefined` where it means a tag, or a type that the field cannot be cast to. */
export function fieldAs(
  field: SourceField | undefined,
  { of }: Reference,
  computed: boolean,
): RelationField | undefined {
  if (!field?.committed || of === 'tag') return undefined
  const { id, name, type } = field
  const own = of === '' || of === 'field' || of === type
  if (!own && !((of === 'float' || of === 'integer') && numeric.has(type))) return undefined
  const asked = own ? type : (of as FieldType)
  return { name, column: own ? `f${id}` : `f${id}_${of}`, type: asked, mayBeNaN: computed && asked === 'float' }
}

/** SQL of the columns that casts in references need, as `, CAST(f1 AS DOUBLE) AS f1_float`. */
export function castColumns(fields: ReadonlyMap<string, SourceField>, references: readonly Reference[]): string {
  const columns = references.flatMap((reference) => {
    const stored = fields.get(reference.name)
    const field = fieldAs(stored, reference, false)
    if (!stored || !field || field.column === `f${stored.id}`) return []
    return [`, ${castSql(`f${stored.id}`, stored.type, field.type)} AS ${field.column}`]
  })
  return [...new Set(columns)].join('')
}

/** Towards zero, and the least integer where a float is beyond all of them. What is no number has no integer. */
function castSql(column: string, from: FieldType, to: FieldType): string {
  if (to === 'float') return `CAST(${column} AS DOUBLE)`
  if (from !== 'float') return column
  return `CASE WHEN NOT isnan(${column})
    THEN coalesce(TRY_CAST(trunc(${column}) AS BIGINT), -9223372036854775807 - 1) END`
}

/** SQL of the condition that a row of `t` is of one of some series. */
export function sidSql(sids: readonly number[], all: boolean): string {
  const first = sids.reduce((a, b) => Math.min(a, b))
  const last = sids.reduce((a, b) => Math.max(a, b))
  // A series that is new since the groups were made comes after all that the relation had.
  if (all) return `t.sid <= ${last}`
  if (first === last) return `t.sid = ${last}`
  return last - first + 1 === sids.length ? `t.sid BETWEEN ${first} AND ${last}` : `t.sid IN (${sids.join(',')})`
}
