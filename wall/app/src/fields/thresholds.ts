import type { FieldConfig, ThresholdStep } from '../../../shared/boards/board.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

/** A limit on the scale of the values. */
export interface Limit {
  readonly value: number
  readonly color: string
}

/** The step that a value has reached; the first one holds from minus infinity. */
export function stepOf(value: number, config: FieldConfig, range: Range | undefined): ThresholdStep | undefined {
  const { mode, steps } = config.thresholds ?? { mode: 'absolute', steps: [] }
  const compared = mode === 'percentage' ? percentOf(value, range) : value
  return steps.findLast((step) => step.value === null || compared >= step.value)
}

/** The limits between the steps, of percentages on the scale of the values. */
export function limitsOf(config: FieldConfig, range: Range | undefined): Limit[] {
  const { mode, steps } = config.thresholds ?? { mode: 'absolute', steps: [] }
  return steps.flatMap(({ value, color }) => {
    if (value === null) return []
    if (mode === 'absolute') return [{ value, color }]
    return range ? [{ value: range.min + ((range.max - range.min) * value) / 100, color }] : []
  })
}

function percentOf(value: number, range: Range | undefined): number {
  if (!range || range.max === range.min) return 0
  return ((value - range.min) / (range.max - range.min)) * 100
}
