import type { Value } from '../source.ts'

/** A mathematical function of InfluxQL: of one value, or of two. */
export interface MathFunction {
  readonly arguments: 1 | 2
  /** The result, of numbers; what is not finite becomes null. */
  of(x: number, y: number): number
  /** Integers stay as they are, but for what this says of them. */
  ofInteger?(x: bigint): bigint
  /** SQL of the same. DuckDB ends a query at a logarithm of zero, where InfluxDB goes on. */
  sql(x: string, y: string): string
}

const within = (condition: string, sql: string) => `CASE WHEN ${condition} THEN ${sql} END`
const float = (x: string) => `CAST(${x} AS DOUBLE)`

function simple(name: string, of: (x: number) => number, sqlName = name): [string, MathFunction] {
  return [name, { arguments: 1, of, sql: (x) => `${sqlName}(${float(x)})` }]
}

function logarithm(name: string, of: (x: number) => number): [string, MathFunction] {
  return [name, { arguments: 1, of, sql: (x) => within(`${x} > 0`, `${name}(${float(x)})`) }]
}

/** Half away from zero, as in Go. */
const round = (x: number) => Math.sign(x) * Math.round(Math.abs(x))

const same = (x: bigint) => x

/** Every mathematical function that queries may call. A new one is a line here. */
export const mathFunctions: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  ['abs', { arguments: 1, of: Math.abs, ofInteger: (x) => (x < 0n ? -x : x), sql: (x) => `abs(${x})` }],
  ['floor', { arguments: 1, of: Math.floor, ofInteger: same, sql: (x) => `floor(${x})` }],
  ['ceil', { arguments: 1, of: Math.ceil, ofInteger: same, sql: (x) => `ceil(${x})` }],
  ['round', { arguments: 1, of: round, ofInteger: same, sql: (x) => `round(${x})` }],
  simple('sin', Math.sin),
  simple('cos', Math.cos),
  simple('tan', Math.tan),
  ['asin', { arguments: 1, of: Math.asin, sql: (x) => within(`abs(${x}) <= 1`, `asin(${float(x)})`) }],
  ['acos', { arguments: 1, of: Math.acos, sql: (x) => within(`abs(${x}) <= 1`, `acos(${float(x)})`) }],
  simple('atan', Math.atan),
  ['atan2', { arguments: 2, of: Math.atan2, sql: (x, y) => `atan2(${float(x)}, ${float(y)})` }],
  simple('exp', Math.exp),
  logarithm('ln', Math.log),
  logarithm('log2', Math.log2),
  logarithm('log10', Math.log10),
  [
    'log',
    {
      arguments: 2,
      of: (x, base) => Math.log(x) / Math.log(base),
      sql: (x, base) => within(`${x} > 0 AND ${base} > 0`, `ln(${float(x)}) / nullif(ln(${float(base)}), 0)`),
    },
  ],
  ['sqrt', { arguments: 1, of: Math.sqrt, sql: (x) => within(`${x} >= 0`, `sqrt(${float(x)})`) }],
  ['pow', { arguments: 2, of: (x, y) => x ** y, sql: (x, y) => `pow(${float(x)}, ${float(y)})` }],
])

/** The value of a function; null of anything that is no number. */
export function callMath(called: MathFunction, [x = null, y = null]: readonly Value[]): Value {
  if (typeof x === 'bigint' && called.ofInteger) return called.ofInteger(x)
  const isNumber = (value: Value) => typeof value === 'number' || typeof value === 'bigint'
  if (!isNumber(x) || (called.arguments === 2 && !isNumber(y))) return null
  const result = called.of(Number(x), Number(y))
  return Number.isFinite(result) ? result : null
}
