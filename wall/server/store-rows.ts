import type { Cell, QuerySeries } from '../shared/boards/panel-data.ts'

/** Runs statements, and returns the series of each. */
export type RunStatements = (text: string) => Promise<readonly (readonly QuerySeries[])[]>

export interface Row {
  readonly time: number
  readonly values: Readonly<Record<string, Cell>>
}

export function rowsOf(series: readonly QuerySeries[]): Row[] {
  return series.flatMap(({ columns, values }) =>
    values.map((row) => {
      const { time, ...rest } = Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))
      return { time: Number(time), values: rest }
    }),
  )
}

/** A record need not have every metric: the count of the one that is most often there. */
export const mostOf = (values: Readonly<Record<string, unknown>>): number =>
  Math.max(0, ...Object.values(values).map((value) => (typeof value === 'number' ? value : 0)))
