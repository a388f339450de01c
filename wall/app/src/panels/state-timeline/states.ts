import type { Field, Frame } from '../../fields/frame.ts'
import { isGap, usualSpacing } from '../timeseries/gaps.ts'

/** A stretch of time in which a field has one value. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly text: string
  readonly colour?: string
  readonly level: number
}

export interface Lane {
  readonly title: string
  readonly stretches: readonly Stretch[]
}

/** The states of each field: a value holds until the next one, or until values are missing. */
export function lanesOf(frames: readonly Frame[], to: number, mergeValues: boolean): Lane[] {
  return frames.flatMap(({ fields }) => {
    const time = fields.find(({ kind }) => kind === 'time')
    if (!time) return []
    return fields
      .filter((field) => field !== time)
      .map((field) => ({ title: field.title, stretches: stretchesOf(time, field, to, mergeValues) }))
  })
}

function stretchesOf(time: Field, field: Field, to: number, mergeValues: boolean): Stretch[] {
  const spacing = usualSpacing(time.values)
  const stretches: Stretch[] = []
  time.values.forEach((start, row) => {
    const value = field.values[row] ?? null
    if (typeof start !== 'number' || value === null) return
    const next = time.values[row + 1]
    const end = typeof next === 'number' ? next : to
    const until = isGap(start, end, spacing) ? start + spacing : end
    const { text, unit, colour, level } = field.display(value)
    const stretch = {
      from: start,
      to: until,
      text: `${text} ${unit}`.trim(),
      level,
      ...(colour !== undefined && { colour }),
    }
    const last = stretches.at(-1)
    if (mergeValues && last?.to === start && last.text === stretch.text) stretches.splice(-1, 1, { ...last, to: until })
    else stretches.push(stretch)
  })
  return stretches
}
