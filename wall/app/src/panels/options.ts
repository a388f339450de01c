import type { Panel } from '../../../shared/boards/board.ts'

export type Orientation = 'auto' | 'horizontal' | 'vertical'

export interface ReduceOptions {
  /** Each row is a value, in place of one value for each column. */
  readonly values: boolean
  readonly calcs: readonly string[]
  /** Empty: the columns of numbers; else a title, or `/a regular expression/`. */
  readonly fields: string
  readonly limit?: number
}

const defaults: ReduceOptions = { values: false, calcs: ['lastNotNull'], fields: '' }

export function reduceOptions({ options }: Panel): ReduceOptions {
  return { ...defaults, ...(options?.['reduceOptions'] as Partial<ReduceOptions> | undefined) }
}

/** An option that is one of a few words; the first of them where it is not set. */
export function choice<T extends string>({ options }: Panel, name: string, words: readonly [T, ...T[]]): T {
  return words.find((word) => word === options?.[name]) ?? words[0]
}

export function orientationOf(panel: Panel): Orientation {
  return choice(panel, 'orientation', ['auto', 'horizontal', 'vertical'])
}
