import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import type { IndicatorDescriptor, Window } from '@ioc/contract/messages/live.ts'
import { max, sum } from '../../engine/aggregates/aggregates.ts'
import { indicator, type MeasuredIndicator } from '../indicator.ts'
import { only } from '../only.ts'
import { day, everywhere, lastHour, month, ofDevice } from '../periods.ts'
import { during, type Words } from '../words.ts'

/** The types of devices that report the rain since their last record. */
export type RainSource = Extract<DeviceTypeId, 'weather' | 'rain_gauge' | 'forest_post'>

const stations: Readonly<Record<RainSource, Words>> = {
  weather: { vi: 'trạm khí tượng', en: 'weather station' },
  rain_gauge: { vi: 'trạm đo mưa', en: 'rain gauge' },
  forest_post: { vi: 'chốt bảo vệ rừng', en: 'forest post' },
}

const lastOf = (hours: number) => ({ kind: 'sliding', size_s: hours * 3600, every_s: 600 }) as const

/** Rain of one type of device. */
export interface RainIndicators {
  readonly ofDay: MeasuredIndicator
  readonly all: readonly MeasuredIndicator[]
}

/**
 * Rain, the same of each type of device that measures it. What falls at two stations is not the rain of both: sums are
 * those of a device, and a wider scope has the heaviest fall of any.
 * @param name what the ids begin with
 * @param at what titles end with, where a domain has the rain of two types of devices
 */
export function rainOf(source: RainSource, name: string, at: Words = { vi: '', en: '' }): RainIndicators {
  const title = (vi: string, en: string) => ({ vi: `${vi}${at.vi}`, en: `${en}${at.en}` })
  const aboutSum = (window: Window, note: Words): Words => ({
    vi: `Cộng lượng mưa của các lần đo ${during(window).vi} tại từng ${stations[source].vi}. ${note.vi}`,
    en: `Adds up the rain of the measurements ${during(window).en} at each ${stations[source].en}. ${note.en}`,
  })
  const lastHours = (hours: number, note: Words, classes: Pick<IndicatorDescriptor, 'levels' | 'reference'>) =>
    indicator({
      id: `${name}_rain_${hours}h`,
      title: title(`Lượng mưa ${hours} giờ`, `Rain, ${hours} h`),
      about: aboutSum(lastOf(hours), note),
      unit: 'mm',
      source,
      ...only(sum('rain_mm')),
      window: lastOf(hours),
      scopes: ofDevice,
      // A limit that a sum has reached stays reached, whatever falls in the rest of the window.
      minSamples: 1,
      ...classes,
    })
  const ofDay = indicator({
    id: `${name}_rain_1d`,
    title: title('Lượng mưa ngày', 'Rain of the day'),
    about: aboutSum(day, { vi: 'Ngày tính từ 0 giờ đến 24 giờ.', en: 'The day runs from midnight to midnight.' }),
    unit: 'mm',
    source,
    ...only(sum('rain_mm')),
    window: day,
    scopes: ofDevice,
  })
  return {
    ofDay,
    all: [
      lastHours(1, { vi: 'Cho biết mưa đang nặng đến đâu.', en: 'It shows how hard it is raining.' }, {}),
      lastHours(
        12,
        {
          vi: 'Từ 8 mm là mưa vừa, từ 26 mm là mưa to, trên 50 mm là mưa rất to.',
          en: 'From 8 mm up it is moderate, from 26 mm heavy, above 50 mm very heavy.',
        },
        {
          levels: { direction: 'above', attention: 8, warning: 26, critical: 50.1 },
          reference: 'Phân cấp mưa 12 giờ của bản tin dự báo thời tiết: mưa vừa 8–25 mm, mưa to 26–50, mưa rất to > 50',
        },
      ),
      lastHours(
        24,
        {
          vi: 'Từ 16 mm là mưa vừa, từ 51 mm là mưa to, trên 100 mm là mưa rất to.',
          en: 'From 16 mm up it is moderate, from 51 mm heavy, above 100 mm very heavy.',
        },
        {
          levels: { direction: 'above', attention: 16, warning: 51, critical: 100.1 },
          reference:
            'Phân cấp mưa 24 giờ của bản tin dự báo thời tiết: mưa vừa 16–50 mm, mưa to 51–100, mưa rất to > 100',
        },
      ),
      ofDay,
      indicator({
        id: `${name}_rain_month`,
        title: title('Lượng mưa tháng', 'Rain of the month'),
        about: aboutSum(month, { vi: 'Tháng tính theo dương lịch.', en: 'The month is that of the calendar.' }),
        unit: 'mm',
        source,
        ...only(sum('rain_mm')),
        window: month,
        scopes: ofDevice,
      }),
      indicator({
        id: `${name}_rain_peak_1h`,
        title: title('Mưa lớn nhất giữa hai lần đo, 1 giờ', 'Heaviest rain between two records, 1 h'),
        about: {
          vi: `Lượng mưa lớn nhất giữa hai lần đo liền nhau của một ${stations[source].vi} trong 1 giờ gần nhất. Của nhiều nơi: nơi mưa lớn nhất.`,
          en: `The heaviest rain between two measurements of one ${stations[source].en} in the last hour. Of several: where it fell heaviest.`,
        },
        unit: 'mm',
        source,
        ...only(max('rain_mm')),
        window: lastHour,
        scopes: everywhere,
      }),
    ],
  }
}
