import { floatSql, isWhole, type Operand } from '../compile/arithmetic.ts'
import type { Value } from '../source.ts'

/** A mathematical function of InfluxQL: of one value, or of two. */
interface MathFunction {
  readonly arguments: 1 | 2
  /** The result, of numbers; it may be infinite, or NaN. */
  of(x: number, y: number): number
  /** Integers stay integers, where this says what becomes of them. */
  readonly whole?: { of(x: bigint): bigint; sql(x: string): string }
  /** SQL of the same, of two columns that are DOUBLE. */
  sql(x: string, y: string): string
}

/** DuckDB ends a query where a function has no value. The list is there to name the operand, which may be long. */
const within = (x: string, condition: string, sql: string, otherwise = "'nan'::DOUBLE") =>
  `list_transform([${x}], lambda v: CASE WHEN ${condition} THEN ${sql} ELSE ${otherwise} END)[1]`

function simple(name: string, of: (x: number) => number): [string, MathFunction] {
  return [name, { arguments: 1, of, sql: (x) => `${name}(${x})` }]
}

function periodic(name: string, of: (x: number) => number): [string, MathFunction] {
  return [name, { arguments: 1, of, sql: (x) => within(x, 'isfinite(v)', `${name}(v)`) }]
}

function arc(name: string, of: (x: number) => number): [string, MathFunction] {
  return [name, { arguments: 1, of, sql: (x) => within(x, 'abs(v) <= 1', `${name}(v)`) }]
}

const logarithmSql = (name: string, x: string) =>
  within(x, 'v > 0', `${name}(v)`, "CASE WHEN v = 0 THEN '-inf'::DOUBLE ELSE 'nan'::DOUBLE END")

function logarithm(name: string, of: (x: number) => number): [string, MathFunction] {
  return [name, { arguments: 1, of, sql: (x) => logarithmSql(name, x) }]
}

/** Half away from zero, as in Go. */
const round = (x: number) => Math.sign(x) * Math.round(Math.abs(x))

const whole = { of: (x: bigint) => x, sql: (x: string) => x }
/** What is greatest without its sign does not fit into 64 bits. */
const wholeAbs = { of: (x: bigint) => (x < 0n ? -x : x), sql: (x: string) => `abs(CAST(${x} AS HUGEINT))` }

/** Every mathematical function that queries may call. A new one is a line here. */
export const mathFunctions: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  ['abs', { arguments: 1, of: Math.abs, whole: wholeAbs, sql: (x) => `abs(${x})` }],
  ['floor', { arguments: 1, of: Math.floor, whole, sql: (x) => `floor(${x})` }],
  ['ceil', { arguments: 1, of: Math.ceil, whole, sql: (x) => `ceil(${x})` }],
  ['round', { arguments: 1, of: round, whole, sql: (x) => `round(${x})` }],
  periodic('sin', Math.sin),
  periodic('cos', Math.cos),
  periodic('tan', Math.tan),
  arc('asin', Math.asin),
  arc('acos', Math.acos),
  simple('atan', Math.atan),
  ['atan2', { arguments: 2, of: Math.atan2, sql: (x, y) => `atan2(${x}, ${y})` }],
  simple('exp', Math.exp),
  logarithm('ln', Math.log),
  logarithm('log2', Math.log2),
  logarithm('log10', Math.log10),
  [
    'log',
    {
      arguments: 2,
      of: (x, base) => Math.log(x) / Math.log(base),
      sql: (x, base) => `(${logarithmSql('ln', x)} / ${logarithmSql('ln', base)})`,
    },
  ],
  ['sqrt', { arguments: 1, of: Math.sqrt, sql: (x) => within(x, 'v >= 0', 'sqrt(v)') }],
  ['pow', { arguments: 2, of: (x, y) => x ** y, sql: (x, y) => `pow(${x}, ${y})` }],
])

/** SQL of a function of numbers. */
export function mathSql(called: MathFunction, operands: readonly Operand[]): Operand {
  const [x, y = x] = operands as [Operand, Operand?]
  if (called.whole && isWhole(x.type)) return { ...x, sql: called.whole.sql(x.sql) }
  return { sql: called.sql(floatSql(x), floatSql(y)), type: 'float', mayBeNaN: true }
}

/** The value of a function; null of anything that is no number. */
export function callMath(called: MathFunction, [x = null, y = null]: readonly Value[]): Value {
  if (typeof x === 'bigint' && called.whole) return called.whole.of(x)
  const isNumber = (value: Value) => typeof value === 'number' || typeof value === 'bigint'
  if (!isNumber(x) || (called.arguments === 2 && !isNumber(y))) return null
  return called.of(Number(x), Number(y))
}
