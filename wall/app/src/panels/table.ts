import type { ComponentType } from 'preact'
import type { PanelType } from '../../../shared/boards/board.ts'
import { BarGauge } from './bargauge/bargauge.tsx'
import { Gauge } from './gauge/gauge.tsx'
import { lazyPanel } from './lazy.tsx'
import type { PanelProps } from './panel.ts'
import { Stat } from './stat/stat.tsx'
import { StateTimeline } from './state-timeline/state-timeline.tsx'
import { Table } from './table/table.tsx'
import { Text } from './text/text.tsx'
import { TimeSeries } from './timeseries/timeseries.tsx'

/** Every panel type. A new one is a folder beside this file, and a line here. */
export const panelComponents: Readonly<Record<PanelType, ComponentType<PanelProps>>> = {
  timeseries: TimeSeries,
  stat: Stat,
  gauge: Gauge,
  bargauge: BarGauge,
  table: Table,
  'state-timeline': StateTimeline,
  // With the map's library, which is larger than all the rest.
  geomap: lazyPanel(async () => (await import('./geomap/geomap.tsx')).default),
  text: Text,
}
