import type { SourceSeries } from '../source.ts'

/** Series that share the values of the tags that a statement groups by. */
export interface Group {
  /** Absent where the statement groups by no tag. */
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly series: SourceSeries[]
}
