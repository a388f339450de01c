import type { HistoryPoint } from './reduce.ts'
import './sparkline.css'

interface Props {
  readonly points: readonly HistoryPoint[]
  readonly from: number
  readonly to: number
  /** What is read aloud for it. */
  readonly title: string
}

/** The course of a value in the time range, without axes; gaps stay gaps. Fills its box. */
export function Sparkline({ points, from, to, title }: Props) {
  const drawn = points.filter(([ts]) => ts >= from && ts <= to)
  const values = drawn.flatMap(([, value]) => (value === null ? [] : [value]))
  if (values.length < 2 || to <= from) return null
  const least = values.reduce((a, b) => Math.min(a, b))
  const most = values.reduce((a, b) => Math.max(a, b))
  const height = most - least
  const x = (ts: number) => (((ts - from) / (to - from)) * 100).toFixed(2)
  const y = (value: number) => (height === 0 ? 50 : 96 - ((value - least) / height) * 92).toFixed(2)
  const lines = runs(drawn).map((run) => run.map(([ts, value]) => `${x(ts)} ${y(value)}`))
  return (
    <svg class="sparkline" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={title}>
      {lines.map((line) => (
        <path key={line[0]} d={`M${line.join('L')}`} />
      ))}
    </svg>
  )
}

/** Points that stand beside one another with none missing between. */
function runs(points: readonly HistoryPoint[]): (readonly [number, number])[][] {
  const found: [number, number][][] = [[]]
  for (const [ts, value] of points) {
    if (value === null) found.push([])
    else found.at(-1)?.push([ts, value])
  }
  return found.filter((run) => run.length > 0)
}
