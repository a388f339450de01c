import type { FieldType } from '../../line-protocol/point.ts'

/** The type of a field's column. */
export const columnTypes: Readonly<Record<FieldType, string>> = {
  float: 'DOUBLE',
  integer: 'BIGINT',
  unsigned: 'UBIGINT',
  boolean: 'BOOLEAN',
  string: 'VARCHAR',
}
