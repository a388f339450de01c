import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import type { Panel } from '../../../../shared/boards/board.ts'
import { BoardContext } from '../../boards/context.ts'
import { boardWord } from '../../boards/words.ts'
import { formatLimit } from '../../format.ts'
import { isDark, language } from '../../preferences.ts'
import { navigate, withQuery } from '../../shell/location.ts'
import { sayLevel } from '../../words.ts'
import type { PanelProps } from '../panel.ts'
import { Legend } from './legend.tsx'
import { type Chart, chartOf, type LimitLine } from './model.ts'
import { createPlot, type Hover, type PlotProps, plotData } from './plot.ts'
import { marksAround, Tooltip, type TooltipOptions } from './tooltip.tsx'
import 'uplot/dist/uPlot.min.css'
import './timeseries.css'

/** Series over time: lines, bars or points, with their limits. */
export function TimeSeries({ panel, frames, from, to }: PanelProps) {
  const [alone, setAlone] = useState<string>()
  const [hover, setHover] = useState<Hover>()
  const { marks } = useContext(BoardContext)
  const full = useMemo(() => chartOf(panel, frames), [panel, frames])
  const chart = useMemo(() => isolated(full, alone), [full, alone])
  const box = useRef<HTMLDivElement>(null)
  const props = useRef<PlotProps>(undefined)
  props.current = {
    from,
    to,
    onZoom: (start, end) => navigate(withQuery({ from: String(Math.round(start)), to: String(Math.round(end)) })),
    onHover: setHover,
    labelOf: limitLabel,
    marks: () => marks,
  }
  usePlot(box, chart, props, `${from} ${to} ${isDark()} ${language.value} ${marks.length}`)
  const legend = panel.options?.['legend'] as LegendOptions | undefined
  const tooltip = tooltipOf(panel)
  const isShown = legend?.showLegend !== false && legend?.displayMode !== 'hidden'
  return (
    <div class={`timeseries ${legend?.placement === 'right' ? 'legend-right' : ''}`}>
      <div class="plot" ref={box} role="img" aria-label={panel.title ?? boardWord('chart')}>
        {hover && tooltip.mode !== 'none' && (
          <Tooltip chart={chart} marks={marksAround(marks, hover.around)} {...hover} {...tooltip} box={box.current} />
        )}
      </div>
      {isShown && (
        <Legend
          lines={full.lines.filter(({ inLegend }) => inLegend)}
          calcs={legend?.calcs ?? []}
          isTable={legend?.displayMode === 'table'}
          alone={alone}
          onChoose={(title) => setAlone(title === alone ? undefined : title)}
        />
      )}
    </div>
  )
}

function tooltipOf({ options = {} }: Panel): TooltipOptions {
  const { mode, sort } = (options['tooltip'] ?? {}) as { readonly mode?: string; readonly sort?: string }
  return {
    mode: mode === 'none' || mode === 'multi' ? mode : 'single',
    sort: sort === 'asc' || sort === 'desc' ? sort : 'none',
  }
}

interface LegendOptions {
  readonly showLegend?: boolean
  readonly displayMode?: string
  readonly placement?: string
  readonly calcs?: readonly string[]
}

/** The chart with one of its lines alone. */
function isolated(chart: Chart, title: string | undefined): Chart {
  if (title === undefined || !chart.lines.some((line) => line.title === title)) return chart
  const lines = chart.lines.map(({ below: _below, style: { beside: _beside, ...style }, ...line }) => ({
    ...line,
    style,
    drawn: line.values,
    isHidden: line.title !== title,
  }))
  return { ...chart, lines }
}

function limitLabel({ level, value }: LimitLine): string {
  const name = level > 0 ? sayLevel(level) : ''
  return `${name} ${formatLimit(value)}`.trim()
}

/** Keeps a plot in the box: made again when its lines change, fed when only their values do. */
function usePlot(
  box: { readonly current: HTMLDivElement | null },
  chart: Chart,
  props: { readonly current: PlotProps | undefined },
  look: string,
): void {
  const plot = useRef<uPlot>(undefined)
  const shape = shapeOf(chart)
  const latest = useRef(chart)
  latest.current = chart
  useEffect(() => {
    const element = box.current
    if (!element) return
    const create = () => {
      if (plot.current || element.clientWidth === 0 || element.clientHeight === 0) return
      // `props.current` is set before the first effect runs.
      plot.current = createPlot(element, latest.current, () => props.current as PlotProps)
    }
    create()
    const resize = new ResizeObserver(() => {
      create()
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    resize.observe(element)
    return () => {
      resize.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [shape])
  useEffect(() => plot.current?.setData(plotData(chart)), [chart])
  useEffect(() => {
    plot.current?.setData(plotData(latest.current))
    plot.current?.redraw(true, true)
  }, [look])
}

/** What the plot is made for; values are fed to it. */
function shapeOf({ lines, scales, limits }: Chart): string {
  return JSON.stringify([
    lines.map(({ title, colour, style, scale, below, isHidden }) => [title, colour, style, scale, below, isHidden]),
    scales.map(({ key, side, label, limits: own }) => [key, side, label, own]),
    limits,
  ])
}
