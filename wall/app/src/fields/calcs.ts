import type { Cell } from '../../../shared/boards/panel-data.ts'
import type { CalcId } from '../../../shared/boards/supported.ts'

/** Grafana's reducers that the boards use. Those of numbers leave out what is none. */
const calcs: Readonly<Record<CalcId, (values: readonly Cell[]) => Cell>> = {
  lastNotNull: (values) => values.findLast((value) => value !== null) ?? null,
  last: (values) => values.at(-1) ?? null,
  firstNotNull: (values) => values.find((value) => value !== null) ?? null,
  first: (values) => values[0] ?? null,
  mean: (values) => ofNumbers(values, (numbers) => sum(numbers) / numbers.length),
  max: (values) => ofNumbers(values, (numbers) => numbers.reduce((a, b) => Math.max(a, b))),
  min: (values) => ofNumbers(values, (numbers) => numbers.reduce((a, b) => Math.min(a, b))),
  sum: (values) => ofNumbers(values, sum),
  count: (values) => values.filter((value) => value !== null).length,
  range: (values) =>
    ofNumbers(values, (numbers) => numbers.reduce((a, b) => Math.max(a, b)) - numbers.reduce((a, b) => Math.min(a, b))),
  diff: (values) => ofNumbers(values, (numbers) => (numbers.at(-1) ?? 0) - (numbers[0] ?? 0)),
}

/** One value for a column of them; null where it holds nothing to compute from. */
export function reduce(calc: CalcId, values: readonly Cell[]): Cell {
  return calcs[calc](values)
}

export function isCalc(text: string): text is CalcId {
  return Object.hasOwn(calcs, text)
}

function ofNumbers(values: readonly Cell[], compute: (numbers: readonly number[]) => number): number | null {
  const numbers = values.filter((value) => typeof value === 'number')
  return numbers.length === 0 ? null : compute(numbers)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0)
}
