import type { Aggregate } from '../engine/aggregates/column.ts'

/**
 * What an indicator declares that is one aggregate, in its unit or multiplied by a factor.
 * @param factor from the unit of the metric to that of the indicator
 */
export function only<M extends string>(of: Aggregate<M>, factor = 1) {
  return {
    aggregates: { value: of },
    formula: factor === 1 ? of.text : `${factor} · ${of.text}`,
    value: ({ value }: { readonly value: number }) => factor * value,
  }
}
