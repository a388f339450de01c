import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import type { IndicatorDescriptor } from '@ioc/contract/messages/live.ts'
import { max, sum } from '../../engine/aggregates/aggregates.ts'
import { indicator, type MeasuredIndicator } from '../indicator.ts'
import { only } from '../only.ts'
import { day, everywhere, lastHour, month, ofDevice } from '../periods.ts'

/** The types of devices that report the rain since their last record. */
export type RainSource = Extract<DeviceTypeId, 'weather' | 'rain_gauge' | 'forest_post'>

/** Rain of one type of device. */
export interface RainIndicators {
  readonly ofDay: MeasuredIndicator
  readonly all: readonly MeasuredIndicator[]
}

/**
 * Rain, the same of each type of device that measures it. What falls at two stations is not the rain of both: sums are
 * those of a device, and a wider scope has the heaviest fall of any.
 * @param name what the ids begin with
 */
export function rainOf(source: RainSource, name: string): RainIndicators {
  const lastHours = (hours: number, classes: Pick<IndicatorDescriptor, 'levels' | 'reference'>) =>
    indicator({
      id: `${name}_rain_${hours}h`,
      title: { vi: `Lượng mưa ${hours} giờ`, en: `Rain, ${hours} h` },
      unit: 'mm',
      source,
      ...only(sum('rain_mm')),
      window: { kind: 'sliding', size_s: hours * 3600, every_s: 600 },
      scopes: ofDevice,
      // A limit that a sum has reached stays reached, whatever falls in the rest of the window.
      minSamples: 1,
      ...classes,
    })
  const ofDay = indicator({
    id: `${name}_rain_1d`,
    title: { vi: 'Lượng mưa ngày', en: 'Rain of the day' },
    unit: 'mm',
    source,
    ...only(sum('rain_mm')),
    window: day,
    scopes: ofDevice,
  })
  return {
    ofDay,
    all: [
      lastHours(1, {}),
      lastHours(12, {
        levels: { direction: 'above', attention: 8, warning: 26, critical: 50.1 },
        reference: 'rain in 12 h, classes of weather forecasts: mưa vừa 8–25 mm, mưa to 26–50, mưa rất to > 50',
      }),
      lastHours(24, {
        levels: { direction: 'above', attention: 16, warning: 51, critical: 100.1 },
        reference: 'rain in 24 h, classes of weather forecasts: mưa vừa 16–50 mm, mưa to 51–100, mưa rất to > 100',
      }),
      ofDay,
      indicator({
        id: `${name}_rain_month`,
        title: { vi: 'Lượng mưa tháng', en: 'Rain of the month' },
        unit: 'mm',
        source,
        ...only(sum('rain_mm')),
        window: month,
        scopes: ofDevice,
      }),
      indicator({
        id: `${name}_rain_peak_1h`,
        title: { vi: 'Lượng mưa lớn nhất giữa hai lần đo, 1 giờ', en: 'Heaviest rain between two records, 1 h' },
        unit: 'mm',
        source,
        ...only(max('rain_mm')),
        window: lastHour,
        scopes: everywhere,
      }),
    ],
  }
}
