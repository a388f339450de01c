import type { IndicatorDescriptor, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { formatClock, formatNumber, formatValue, timeZone } from '../format.ts'
import { loadHistory, rangeMs, retries, seriesOf } from '../history.ts'
import { levelLimits } from '../limits.ts'
import { isDark, language } from '../preferences.ts'
import { link } from '../state.ts'
import { say } from '../words.ts'

interface TrendProps {
  readonly topic: string
  readonly indicator: LiveIndicator
  readonly descriptor: IndicatorDescriptor | undefined
}

/** The last hour of an indicator, drawn once it is on the screen, with a line at each limit in view. */
export function Trend({ topic, indicator, descriptor }: TrendProps) {
  const box = useRef<HTMLDivElement>(null)
  const points = seriesOf(topic, indicator)
  useEffect(() => {
    const element = box.current
    if (!element) return
    let stopDrawing: (() => void) | undefined
    const watcher = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting || stopDrawing) return
      stopDrawing = draw(element, topic, descriptor, points)
    })
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      stopDrawing?.()
    }
  }, [topic, descriptor])
  return <div class="trend" ref={box} role="img" aria-label={say('trend')} />
}

function draw(
  element: HTMLElement,
  topic: string,
  descriptor: IndicatorDescriptor | undefined,
  points: ReturnType<typeof seriesOf>,
): () => void {
  const plot = new uPlot(options(element, descriptor), points.peek(), element)
  const resize = new ResizeObserver(() => {
    plot.setSize({ width: element.clientWidth, height: element.clientHeight })
  })
  resize.observe(element)
  const stopData = effect(() => plot.setData(points.value))
  const stopHistory = effect(() => {
    retries.value
    if (link.value === 'live') void loadHistory(topic)
  })
  // Colours and digits come from the theme and the language.
  const stopLook = effect(() => {
    isDark()
    language.value
    plot.redraw(false, true)
  })
  return () => {
    resize.disconnect()
    stopData()
    stopHistory()
    stopLook()
    plot.destroy()
  }
}

function options(element: HTMLElement, descriptor: IndicatorDescriptor | undefined): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string) => () => style.getPropertyValue(name).trim()
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const font = `${Math.round(rem * 0.68)}px ${style.fontFamily}`
  const unit = descriptor?.unit ?? ''
  const axis = { stroke: colour('--faint'), font, ticks: { show: false } } as const
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [rem * 0.4, rem * 1.2, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), timeZone),
    scales: {
      x: { range: (_plot, _min, max) => [max - rangeMs / 1000, max] },
      y: { range: (_plot, min, max) => (unit === '%' ? [0, 100] : upTo(min, max)) },
    },
    axes: [
      { ...axis, grid: { show: false }, size: rem * 1.3, gap: 2, space: rem * 5, values: clockLabels },
      {
        ...axis,
        grid: { stroke: colour('--line'), width: 1 },
        size: rem * (unit === '%' ? 2 : 4),
        gap: 3,
        space: rem * 1.6,
        values: (_plot, ticks) => ticks.map((tick) => axisLabel(tick, unit)),
      },
    ],
    series: [{}, { stroke: colour('--ink-soft'), width: 1.5, points: { show: false }, spanGaps: true }],
    hooks: { draw: [(plot) => drawLimits(plot, descriptor, style), drawLast] },
  }
}

/** Local times; none so near the left end that it runs into the other axis. */
const clockLabels: uPlot.Axis.Values = (plot, ticks) => {
  const start = plot.scales['x']?.min ?? 0
  return ticks.map((tick) => (tick - start < rangeMs / 1000 / 12 ? '' : formatClock(tick * 1000)))
}

function axisLabel(value: number, unit: string): string {
  if (unit === '%' || value === 0) return formatNumber(value)
  const { figure, unit: shown } = formatValue(value, unit)
  return `${figure.replace(/[.,]0$/, '')} ${shown}`.trim()
}

/** From nothing to a little above the highest: a rate that looks flat is flat. */
function upTo(min: number, max: number): [number, number] {
  return [Math.min(0, min), max > 0 ? max * 1.15 : 1]
}

function drawLimits(plot: uPlot, descriptor: IndicatorDescriptor | undefined, style: CSSStyleDeclaration): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.setLineDash([4, 4])
  ctx.lineWidth = devicePixelRatio
  for (const { level, value } of levelLimits(descriptor?.levels)) {
    const y = Math.round(plot.valToPos(value, 'y', true))
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.strokeStyle = style.getPropertyValue(`--limit-${level}`)
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
  }
  ctx.restore()
}

/** A dot at the newest value, so that a series of one point shows too. */
function drawLast(plot: uPlot): void {
  const [times, values] = plot.data
  const time = times.at(-1)
  const value = values?.at(-1)
  if (time === undefined || value === undefined || value === null) return
  const { ctx } = plot
  ctx.save()
  ctx.fillStyle = getComputedStyle(plot.root).color
  ctx.beginPath()
  ctx.arc(plot.valToPos(time, 'x', true), plot.valToPos(value, 'y', true), 2.5 * devicePixelRatio, 0, 2 * Math.PI)
  ctx.fill()
  ctx.restore()
}
