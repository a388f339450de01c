import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Gauge } from '@grafana/grafana-foundation-sdk/gauge'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { system } from '@ioc/contract/device-types/system.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { indicators } from '@ioc/stream-processor/indicators/table.ts'
import type { Board } from './board.ts'
import { datasource, rows, series } from './query.ts'
import { thresholds } from './thresholds.ts'
import { grafanaUnit } from './units.ts'

type Metric = keyof typeof system.metrics

const ofDevice = `"site" = '$site' AND "device" = '$device' AND $timeFilter`
const perInterval = 'GROUP BY time($__interval) fill(none)'

/** One machine: its indicators with their limits, what was measured, and whether all of it arrived. */
export const machine: Board = { name: 'machine', build }

function build(): Dashboard {
  return new DashboardBuilder('Máy chủ trạm')
    .uid('ioc-machine')
    .description('Chỉ số, số đo và sổ đối chiếu bản tin của một máy')
    .tags(['ioc', 'system'])
    .timezone('Asia/Ho_Chi_Minh')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .readonly()
    .withVariable(variable('site', 'Điểm', 'SHOW TAG VALUES FROM "system" WITH KEY = "site"'))
    .withVariable(
      variable('device', 'Thiết bị', `SHOW TAG VALUES FROM "system" WITH KEY = "device" WHERE "site" = '$site'`),
    )
    .withPanel(gauge(1, 'system_cpu_1m', 0))
    .withPanel(gauge(2, 'system_memory_5m', 4))
    .withPanel(gauge(3, 'system_disk', 8))
    .withPanel(stat(4, 'system_net_rx_1m', 12))
    .withPanel(stat(5, 'system_net_tx_1m', 16))
    .withPanel(uptime(6, 20))
    .withPanel(trend(7, 'CPU', ['cpu_percent'], ['system_cpu_1m', 'system_cpu_5m'], 0, 6))
    .withPanel(trend(8, 'Bộ nhớ', ['memory_used_percent', 'swap_used_percent'], ['system_memory_5m'], 12, 6))
    .withPanel(trend(9, 'Mạng', ['net_rx_bytes_per_s', 'net_tx_bytes_per_s'], [], 0, 14))
    .withPanel(trend(10, 'Ổ đĩa', ['disk_used_percent'], ['system_disk'], 12, 14))
    .withPanel(trend(11, 'Tải', ['load_1m', 'load_5m', 'load_15m'], [], 0, 22))
    .withPanel(trend(12, 'Nhiệt độ', ['temperature_c'], [], 12, 22))
    .withPanel(ledger(13, 30))
    .build()
}

function variable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
}

function requireIndicator(id: string): IndicatorDescriptor {
  const found = indicators.find((indicator) => indicator.id === id)
  if (!found) throw new Error(`no indicator ${id}`)
  return found
}

function indicatorQuery(id: string): string {
  return `SELECT mean("value") FROM "indicator" WHERE "id" = '${id}' AND "scope" = 'device' AND ${ofDevice} ${perInterval}`
}

function metricQuery(metric: Metric): string {
  return `SELECT mean("${metric}") FROM "system" WHERE ${ofDevice} ${perInterval}`
}

const newest = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull'])

function gauge(id: number, indicatorId: string, x: number): Gauge {
  const { title, unit, levels } = requireIndicator(indicatorId)
  return new Gauge()
    .id(id)
    .title(title.vi)
    .datasource(datasource)
    .gridPos({ x, y: 0, w: 4, h: 6 })
    .interval('10s')
    .unit(grafanaUnit(unit))
    .decimals(1)
    .min(0)
    .max(100)
    .thresholds(thresholds(levels))
    .reduceOptions(newest())
    .withTarget(series('A', indicatorQuery(indicatorId), title.vi))
}

function stat(id: number, indicatorId: string, x: number): Stat {
  const { title, unit, levels } = requireIndicator(indicatorId)
  return figure(id, title.vi, unit, x)
    .graphMode(BigValueGraphMode.Area)
    .thresholds(thresholds(levels))
    .withTarget(series('A', indicatorQuery(indicatorId), title.vi))
}

function uptime(id: number, x: number): Stat {
  const { title, unit } = system.metrics.uptime_s
  return figure(id, title.vi, unit, x)
    .graphMode(BigValueGraphMode.None)
    .thresholds(thresholds(undefined))
    .withTarget(series('A', metricQuery('uptime_s'), title.vi))
}

function figure(id: number, title: string, unit: string, x: number): Stat {
  return new Stat()
    .id(id)
    .title(title)
    .datasource(datasource)
    .gridPos({ x, y: 0, w: 4, h: 6 })
    .interval('10s')
    .unit(grafanaUnit(unit))
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(newest())
}

/** Measurements and the indicators made from them, on one axis, with the limits of the last indicator. */
function trend(
  id: number,
  title: string,
  metrics: readonly [Metric, ...Metric[]],
  indicatorIds: readonly string[],
  x: number,
  y: number,
): TimeSeries {
  const unit = system.metrics[metrics[0]].unit
  const levels = indicatorIds.map((indicatorId) => requireIndicator(indicatorId).levels).at(-1)
  const panel = new TimeSeries()
    .id(id)
    .title(title)
    .datasource(datasource)
    .gridPos({ x, y, w: 12, h: 8 })
    .interval('10s')
    .unit(grafanaUnit(unit))
    .axisSoftMin(0)
    .showPoints(VisibilityMode.Never)
    .thresholds(thresholds(levels))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        levels ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull']),
    )
  const lines = [
    ...metrics.map((metric) => [metricQuery(metric), system.metrics[metric].title.vi] as const),
    ...indicatorIds.map(
      (indicatorId) => [indicatorQuery(indicatorId), requireIndicator(indicatorId).title.vi] as const,
    ),
  ]
  for (const [index, [query, alias]] of lines.entries()) {
    panel.withTarget(series(String.fromCharCode(65 + index), query, alias))
  }
  if (unit === '%') panel.axisSoftMax(100)
  return panel
}

const ledgerFields = [
  ['sent', 'Đã gửi'],
  ['stored', 'Đã lưu'],
  ['duplicates', 'Trùng'],
  ['queued', 'Đang chờ'],
  ['lost', 'Mất'],
  ['rejected', 'Từ chối'],
] as const

/** Sent = stored + rejected + queued + lost, for each node of the site. */
function ledger(id: number, y: number): Table {
  const fields = ledgerFields.map(([field]) => `last("${field}") AS "${field}"`).join(', ')
  const panel = new Table()
    .id(id)
    .title('Sổ đối chiếu bản tin')
    .datasource(datasource)
    .gridPos({ x: 0, y, w: 24, h: 7 })
    .withTarget(
      rows('A', `SELECT ${fields} FROM "ledger" WHERE "site" = '$site' AND $timeFilter GROUP BY "site", "node"`),
    )
  const names = [['Time', 'Thời điểm'], ['site', 'Điểm'], ['node', 'Trạm'], ...ledgerFields] as const
  for (const [name, shown] of names) panel.overrideByName(name, [{ id: 'displayName', value: shown }])
  return panel
}
