import uPlot from 'uplot'
import { formatClock, formatDayOfYear, formatMonth, formatTime, timeZone } from '../../format.ts'
import { isolatedPoints } from './isolated.ts'
import type { Chart, LimitLine, Line, Scale } from './model.ts'

/** What the charts of one board share: the position of the crosshair. */
const crosshair = uPlot.sync('board')
/** A drag of less than this, in px, is a click. */
const minDrag = 6
/** Half of what a pointer covers, in px. */
const pointerWidth = 5
const dayS = 86_400

export interface PlotProps {
  readonly from: number
  readonly to: number
  /** Zooms to a range in ms. */
  readonly onZoom: (from: number, to: number) => void
  /** What is under the pointer; undefined when the pointer leaves. */
  readonly onHover: (hover: Hover | undefined) => void
  readonly labelOf: (limit: LimitLine) => string
  readonly marks: () => readonly { readonly from: number; readonly to: number; readonly colour: string }[]
}

/** Where the pointer is, in px, and what is there. */
export interface Hover {
  /** The index of the nearest point; null in a chart without any. */
  readonly index: number | null
  readonly nearest: number | undefined
  readonly left: number
  readonly top: number
  /** The times that the pointer covers, in ms: a mark of one moment is hit a few px beside it too. */
  readonly around: { readonly from: number; readonly to: number }
}

/** Resolves `var(--…)` for the canvas. */
export function resolved(colour: string, element: Element): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1]
  return name === undefined ? colour : getComputedStyle(element).getPropertyValue(name).trim()
}

function withAlpha(colour: string, alpha: number): string {
  const [, hex] = /^#([0-9a-f]{6})$/i.exec(colour) ?? []
  if (hex === undefined) return colour
  return `#${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}

export function plotData({ times, lines }: Chart): uPlot.AlignedData {
  return [times.map((time) => time / 1000), ...lines.map(({ drawn }) => [...drawn])]
}

/** Creates the plot in an element that has a size; `current` returns the props that hold at the time of a call. */
export function createPlot(element: HTMLElement, chart: Chart, current: () => PlotProps): uPlot {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const colour = (name: string) => () => resolved(`var(${name})`, element)
  const font = `${Math.max(11, Math.round(rem * 0.8))}px ${getComputedStyle(element).fontFamily}`
  const hasRight = chart.scales.some(({ side }) => side === 'right')
  /** The unit of each axis, which stands once above it. */
  const units = new Map<string, string>()
  const hasUnit = chart.scales.some(
    ({ side, field, isPercentOfStack }) => side !== 'hidden' && (isPercentOfStack || field.display(1).unit !== ''),
  )
  const axis = { stroke: colour('--muted'), font, ticks: { show: false } } as const
  return new uPlot(
    {
      width: element.clientWidth,
      height: element.clientHeight,
      padding: [rem * (hasUnit ? 1.4 : 0.5), hasRight ? 0 : rem * 0.8, 0, 0],
      legend: { show: false },
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), timeZone),
      cursor: {
        sync: { key: crosshair.key, setSeries: false, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false },
        points: { size: 7 },
        y: false,
      },
      scales: {
        x: { range: () => [current().from / 1000, current().to / 1000] },
        ...Object.fromEntries(chart.scales.map((scale) => [scale.key, { range: rangeOfScale(scale) }])),
      },
      axes: [
        { ...axis, grid: { show: false }, size: rem * 1.6, gap: 4, space: rem * 4.5, values: timeLabels },
        ...chart.scales.map(
          (scale, index): uPlot.Axis => ({
            ...axis,
            scale: scale.key,
            show: scale.side !== 'hidden',
            side: scale.side === 'right' ? 1 : 3,
            grid: { show: scale.hasGrid && index === 0, stroke: colour('--line'), width: 1 },
            gap: 4,
            space: rem * 2,
            size: axisSize(rem, font),
            incrs: increments(scale),
            values: (_plot, ticks) => {
              const { labels, unit } = valueLabels(scale, ticks)
              units.set(scale.key, unit)
              return labels
            },
            ...(scale.label !== '' && { label: scale.label, labelFont: font, labelSize: rem * 1.3, labelGap: 0 }),
          }),
        ),
      ],
      series: [{}, ...chart.lines.map((line) => seriesOf(line, element))],
      bands: chart.lines.flatMap(({ below }, index) =>
        below === undefined ? [] : [{ series: [index + 1, below + 1] as [number, number] }],
      ),
      hooks: {
        draw: [
          (plot) => drawMarks(plot, current().marks(), element),
          (plot) => drawUnits(plot, chart.scales, units, element, font),
          (plot) => drawLimits(plot, chart.limits, current().labelOf, element, font),
        ],
        setCursor: [
          (plot) => {
            const { idx, left = -1, top = -1 } = plot.cursor
            // The other charts of the board follow with their crosshair only.
            const isHere = left >= 0 && plot.over.matches(':hover')
            if (!isHere) return current().onHover(undefined)
            const [from, to] = [-pointerWidth, pointerWidth].map((beside) => plot.posToVal(left + beside, 'x') * 1000)
            current().onHover({
              index: idx ?? null,
              nearest: typeof idx === 'number' ? nearestLine(plot, chart, idx, top) : undefined,
              left: left + plot.over.offsetLeft,
              top: top + plot.over.offsetTop,
              around: { from: from ?? 0, to: to ?? 0 },
            })
          },
        ],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select
            if (width < minDrag) return
            const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            current().onZoom(from * 1000, to * 1000)
          },
        ],
      },
    },
    plotData(chart),
    element,
  )
}

/** The line whose value at an index is drawn nearest to a height. */
function nearestLine(plot: uPlot, { lines }: Chart, index: number, top: number): number | undefined {
  let nearest: { readonly line: number; readonly distance: number } | undefined
  lines.forEach(({ isHidden, scale }, line) => {
    const value = plot.data[line + 1]?.[index]
    if (isHidden || typeof value !== 'number') return
    const distance = Math.abs(plot.valToPos(value, scale) - top)
    if (!nearest || distance < nearest.distance) nearest = { line, distance }
  })
  return nearest?.line
}

function seriesOf(line: Line, element: HTMLElement): uPlot.Series {
  const { style, scale, isHidden } = line
  const stroke = () => {
    const colour = resolved(line.colour, element)
    return line.isStrong ? colour : withAlpha(colour, 0.6)
  }
  return {
    scale,
    show: !isHidden,
    stroke,
    width: style.draw === 'points' ? 0 : style.width,
    ...(style.fill > 0 && { fill: () => withAlpha(resolved(line.colour, element), style.fill) }),
    ...(style.dash && { dash: [...style.dash] }),
    ...pathsOf(style),
    points: {
      size: style.pointSize,
      ...(style.draw === 'points' || style.points === 'always' ? { show: true } : {}),
      // A point between two gaps has no line to be seen by.
      ...(style.points !== 'always' && style.draw === 'line'
        ? { show: true, filter: (plot: uPlot, index: number) => isolatedPoints(plot.data[index] ?? []) }
        : {}),
      ...(style.draw === 'bars' && { show: false }),
    },
  }
}

/** How much of an interval its bars fill, and the most that one takes, in px. */
const barShare = 0.8
const maxBarWidth = 60

function pathsOf({ draw, interpolation, beside }: Line['style']): Pick<uPlot.Series, 'paths'> {
  const { paths } = uPlot
  if (draw === 'points') return { paths: () => null }
  if (draw === 'bars') {
    const options = beside
      ? { size: [1, maxBarWidth] as [number, number], disp: sideBySide(beside) }
      : { size: [barShare, maxBarWidth] as [number, number] }
    return paths.bars ? { paths: paths.bars(options) } : {}
  }
  switch (interpolation) {
    case 'linear':
      return {}
    case 'smooth':
      return paths.spline ? { paths: paths.spline() } : {}
    case 'stepBefore':
      return paths.stepped ? { paths: paths.stepped({ align: -1 }) } : {}
    case 'stepAfter':
      return paths.stepped ? { paths: paths.stepped({ align: 1 }) } : {}
    default:
      return interpolation satisfies never
  }
}

/** Left ends and widths of the bars of one of several series, in s. */
function sideBySide({ index, count }: NonNullable<Line['style']['beside']>): uPlot.Series.BarsPathBuilderDisplay {
  const widthOf = (plot: uPlot, series: number) => (barShare * barInterval(plot, series)) / count
  return {
    x0: {
      unit: 1,
      values: (plot, series) => {
        const width = widthOf(plot, series)
        return Array.from(plot.data[0], (time) => time + (index - count / 2) * width)
      },
    },
    size: { unit: 1, values: (plot, series) => [widthOf(plot, series)] },
  }
}

/** The least distance between two bars of a series; a single one has a thirtieth of the axis. */
function barInterval(plot: uPlot, series: number): number {
  const values = plot.data[series] ?? []
  const times = Array.from(plot.data[0]).filter((_, index) => typeof values[index] === 'number')
  const distances = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  const { min = 0, max = 0 } = plot.scales['x'] ?? {}
  return distances.length > 0 ? Math.min(...distances) : (max - min) / 30
}

function rangeOfScale({ field, limits, isPercentOfStack }: Scale): uPlot.Range.Function {
  return (_plot, dataMin, dataMax) => {
    if (isPercentOfStack) return [0, 100]
    const { min, max, softMin, softMax } = limits
    let low = Math.min(dataMin ?? 0, softMin ?? Number.POSITIVE_INFINITY)
    let high = Math.max(dataMax ?? 1, softMax ?? Number.NEGATIVE_INFINITY)
    if (low === high) {
      const room = low === 0 ? 1 : Math.abs(low) * 0.05
      high += room
      if (low !== softMin) low -= room
    }
    // What an axis cannot tell apart is not magnified.
    const least = low === softMin || field.config.decimals === undefined ? 0 : 4 * 10 ** -field.config.decimals
    const lacking = Math.max(0, least - (high - low)) / 2
    low -= lacking
    high += lacking
    const room = (high - low) * 0.08
    return [min ?? (low === softMin ? low : low - room), max ?? (high === softMax ? high : high + room)]
  }
}

/** As wide as the widest label. */
function axisSize(rem: number, font: string): uPlot.Axis.Size {
  return (plot, values) => {
    const longest = (values ?? []).reduce((most, text) => (text.length > most.length ? text : most), '')
    if (longest === '') return rem
    plot.ctx.save()
    plot.ctx.font = font
    const { width } = plot.ctx.measureText(longest)
    plot.ctx.restore()
    return Math.ceil(width + rem * 0.7)
  }
}

/** Steps between the labels of an axis: none so small that two labels would read alike. */
function increments({ field: { config }, isPercentOfStack }: Scale): number[] {
  const digits = isPercentOfStack ? 0 : config.decimals
  const smallest = digits === undefined ? -9 : -digits
  return Array.from({ length: 16 - smallest }, (_, index) => smallest + index).flatMap((power) =>
    [1, 2, 5].map((first) => Number(`${first}e${power}`)),
  )
}

/**
 * Labels of an axis, and the unit that all of them have: it stands above them once. Where they differ, as thousands and
 * millions do, each has its own, but zero.
 */
function valueLabels(scale: Scale, ticks: readonly number[]): { labels: string[]; unit: string } {
  const shown = ticks.map((tick) =>
    scale.isPercentOfStack ? { text: String(tick), unit: '%' } : scale.field.display(tick),
  )
  const areWhole = shown.every(({ text }) => /^[^.,]*([.,]0+)?$|[.,]\d{3}/.test(text))
  const texts = shown.map(({ text }) => (areWhole ? text.replace(/[.,]0{1,2}$/, '') : text))
  const units = new Set(shown.filter((_, index) => ticks[index] !== 0).map(({ unit }) => unit))
  if (units.size <= 1) return { labels: texts, unit: [...units][0] ?? '' }
  const labels = texts.map((text, index) => (ticks[index] === 0 ? text : `${text} ${shown[index]?.unit ?? ''}`.trim()))
  return { labels, unit: '' }
}

/** The unit of each axis above its labels. */
function drawUnits(
  plot: uPlot,
  scales: readonly Scale[],
  units: ReadonlyMap<string, string>,
  element: HTMLElement,
  font: string,
): void {
  const { ctx } = plot
  ctx.save()
  ctx.font = font.replace(/^(\d+)/, (px) => String(Math.round(Number(px) * devicePixelRatio)))
  ctx.fillStyle = resolved('var(--muted)', element)
  ctx.textBaseline = 'top'
  for (const { key, side } of scales) {
    if (side === 'hidden') continue
    ctx.textAlign = side === 'left' ? 'left' : 'right'
    ctx.fillText(units.get(key) ?? '', side === 'left' ? 0 : ctx.canvas.width, 2 * devicePixelRatio)
  }
  ctx.restore()
}

const timeLabels: uPlot.Axis.Values = (plot, ticks, _axis, _space, increment) => {
  const start = plot.scales['x']?.min ?? 0
  const end = plot.scales['x']?.max ?? 0
  return ticks.map((tick) => {
    // A label at the very end would be cut off.
    if (tick - start < (end - start) / 60) return ''
    const ms = tick * 1000
    if (increment >= 28 * dayS) return end - tick < (end - start) / 40 ? '' : formatMonth(ms)
    if (increment >= dayS) return formatDayOfYear(ms)
    if (increment < 60) return formatTime(ms)
    const clock = formatClock(ms)
    return clock === '00:00' ? formatDayOfYear(ms) : clock
  })
}

function drawLimits(
  plot: uPlot,
  limits: readonly LimitLine[],
  labelOf: (limit: LimitLine) => string,
  element: HTMLElement,
  font: string,
): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = font.replace(/^(\d+)/, (px) => String(Math.round(Number(px) * devicePixelRatio)))
  ctx.textAlign = 'right'
  ctx.textBaseline = 'top'
  ctx.lineWidth = devicePixelRatio
  const height = Number.parseInt(ctx.font, 10)
  const labelled: number[] = []
  // Where names would stand upon each other, the worst one is read.
  for (const limit of [...limits].sort((a, b) => b.level - a.level)) {
    const y = Math.round(plot.valToPos(limit.value, limit.scale, true))
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.strokeStyle = resolved(limit.colour, element)
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    // Above its line, but below it at the very top.
    const textTop = y - bbox.top < height * 1.3 ? y + 2 * devicePixelRatio : y - height - 2 * devicePixelRatio
    if (labelled.some((other) => Math.abs(other - textTop) < height)) continue
    labelled.push(textTop)
    ctx.fillStyle = resolved(limit.level > 0 ? `var(--level-${limit.level}-text)` : 'var(--muted)', element)
    ctx.fillText(labelOf(limit), bbox.left + bbox.width - 4 * devicePixelRatio, textTop)
  }
  ctx.restore()
}

/** Incidents and maintenance as marks under the axis. */
function drawMarks(
  plot: uPlot,
  marks: readonly { readonly from: number; readonly to: number; readonly colour: string }[],
  element: HTMLElement,
): void {
  const { ctx, bbox } = plot
  const height = 4 * devicePixelRatio
  ctx.save()
  for (const { from, to, colour } of marks) {
    const left = Math.max(bbox.left, plot.valToPos(from / 1000, 'x', true))
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1000, 'x', true))
    if (right < left) continue
    ctx.fillStyle = resolved(colour, element)
    ctx.fillRect(left, bbox.top + bbox.height, Math.max(height, right - left), height)
  }
  ctx.restore()
}
