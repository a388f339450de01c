/** SQL of numbers in a condition, with InfluxDB's arithmetic. None of it repeats an operand: they nest. */

/** A column or a value, and what kind of one it is. */
export interface Operand {
  readonly sql: string
  readonly type: 'float' | 'integer' | 'unsigned' | 'boolean' | 'string'
  /** Whether it may be NaN, which what is stored is not. */
  readonly mayBeNaN: boolean
}

export function isNumber({ type }: Operand): boolean {
  return type === 'float' || isWhole(type)
}

export function isWhole(type: Operand['type']): boolean {
  return type === 'integer' || type === 'unsigned'
}

export const floatSql = ({ sql, type }: Operand): string => (type === 'float' ? sql : `CAST(${sql} AS DOUBLE)`)

/** What is divided by 0 is 0, though what is left of it is no number. Nothing that is divided is null. */
export function calculateFloats(operator: string, left: Operand, right: Operand): Operand {
  const [l, r] = [floatSql(left), floatSql(right)]
  const sql =
    operator === '/'
      ? `coalesce(${l} / nullif(${r}, 0), 0)`
      : operator === '%'
        ? `coalesce(${l} % nullif(${r}, 0), 'nan'::DOUBLE)`
        : `(${l} ${operator} ${r})`
  return { sql, type: 'float', mayBeNaN: true }
}

/** All bits of a number of 64, and the first of them, which is its sign. */
const allBits = '18446744073709551615'
const signBit = '9223372036854775808'

/** Goes round in 64 bits, and divides to integers. DuckDB, which does neither, is given twice as many bits. */
export function calculateIntegers(operator: string, left: Operand, right: Operand): Operand {
  const unsigned = left.type === 'unsigned' || right.type === 'unsigned'
  const wide = ({ sql }: Operand) => (unsigned ? `(CAST(${sql} AS HUGEINT) & ${allBits})` : `CAST(${sql} AS HUGEINT)`)
  const [l, r] = [wide(left), wide(right)]
  const result =
    operator === '/' || operator === '%'
      ? `coalesce(${l} ${operator === '/' ? '//' : '%'} nullif(${r}, 0), 0)`
      : operator === '^'
        ? `xor(${l}, ${r})`
        : `(${l} ${operator} ${r})`
  return unsigned
    ? { sql: `CAST(${result} & ${allBits} AS UBIGINT)`, type: 'unsigned', mayBeNaN: false }
    : {
        sql: `CAST(((${result} + ${signBit}) & ${allBits}) - ${signBit} AS BIGINT)`,
        type: 'integer',
        mayBeNaN: false,
      }
}

/** NaN is unlike everything, and itself; DuckDB takes it for equal to itself, and greater than all else. */
export function compareSql(operator: string, left: Operand, right: Operand): string {
  const floats = left.type === 'float' || right.type === 'float'
  const [l, r] = floats ? [floatSql(left), floatSql(right)] : [left.sql, right.sql]
  const odd = [left, right].filter(({ mayBeNaN }) => mayBeNaN).map(({ sql }) => sql)
  if (operator !== '!=') return [`${l} ${operator} ${r}`, ...odd.map((sql) => `NOT isnan(${sql})`)].join(' AND ')
  // Of a value and itself, or of two that are NaN both; one that is missing is not unlike anything.
  return odd.length < 2 ? `${l} != ${r}` : `(${l} != ${r} OR (${odd.map((sql) => `isnan(${sql})`).join(' AND ')}))`
}
