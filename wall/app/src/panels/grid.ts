import type { Orientation } from './options.ts'
import type { Box } from './use-box.ts'

export interface Grid {
  readonly columns: number
  readonly rows: number
  /** How many of the values are drawn; one place is then for how many more there are. */
  readonly shown: number
}

/** What one value needs, in rem, and how wide it is at best for its height. */
export interface CellSize {
  readonly width: number
  readonly height: number
  readonly aspect: number
}

/** Divides a box among equal cells. As in Grafana, `vertical` puts them side by side and `horizontal` one below another. */
export function gridFor(count: number, box: Box, cell: CellSize, orientation: Orientation = 'auto'): Grid {
  const mostColumns = Math.max(1, Math.floor(box.width / cell.width))
  const mostRows = Math.max(1, Math.floor(box.height / cell.height))
  const all = Math.max(1, count)
  const lanes = { horizontal: [1], vertical: [Math.min(all, mostColumns)], auto: upTo(Math.min(all, mostColumns)) }
  const grids = lanes[orientation].map((columns) => ({ columns, rows: Math.min(Math.ceil(all / columns), mostRows) }))
  const capacity = ({ columns, rows }: { columns: number; rows: number }) => Math.min(all, columns * rows)
  const size = ({ columns, rows }: { columns: number; rows: number }) =>
    Math.min(box.width / columns / cell.aspect, box.height / rows)
  const best = grids.reduce((a, b) => {
    const difference = capacity(b) - capacity(a)
    return difference > 0 || (difference === 0 && size(b) > size(a)) ? b : a
  })
  const fits = best.columns * best.rows
  return { ...best, shown: count <= fits ? count : Math.max(fits - 1, 0) }
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
