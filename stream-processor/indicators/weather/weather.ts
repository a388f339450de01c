import type { Parameters } from '@ioc/contract/district/parameters.ts'
import type { IndicatorDescriptor, Levels, Scope } from '@ioc/contract/messages/live.ts'
import { first, sum } from '../../engine/aggregates/aggregates.ts'
import { derived, history, type Indicator, indicator, latest } from '../indicator.ts'
import { fireIndex, fireLevelOf, mostDays, saturationDeficit } from './forest-fire.ts'

const hour = { kind: 'tumbling', size_s: 3600 } as const
const day = { kind: 'calendar', unit: 'day' } as const

/** What falls at two stations is not the rain of both: there is no sum over stations. */
const scopes: readonly Scope[] = ['device']

/** The hour from 13:00 to 14:00 is the eleventh from the end of a local day. */
const hoursSinceOne = 11

const rain = (hours: number, bands: Pick<IndicatorDescriptor, 'levels' | 'reference'>) =>
  indicator({
    id: `weather_rain_${hours}h`,
    title: { vi: `Lượng mưa ${hours} giờ`, en: `Rain, ${hours} h` },
    unit: 'mm',
    source: 'weather',
    aggregates: { value: sum('rain_mm') },
    window: { kind: 'sliding', size_s: hours * 3600, every_s: 600 },
    scopes,
    // A limit that a sum has reached stays reached, whatever falls in the rest of the window.
    minSamples: 1,
    value: ({ value }) => value,
    ...bands,
  })

const rainOfDay = indicator({
  id: 'weather_rain_1d',
  title: { vi: 'Lượng mưa ngày', en: 'Rain of the day' },
  unit: 'mm',
  source: 'weather',
  aggregates: { value: sum('rain_mm') },
  window: day,
  scopes,
  value: ({ value }) => value,
})

const temperature = indicator({
  id: 'weather_temperature_1h',
  title: { vi: 'Nhiệt độ đầu giờ', en: 'Temperature at the beginning of the hour' },
  unit: 'Cel',
  source: 'weather',
  aggregates: { value: first('temperature_c') },
  window: hour,
  scopes,
  value: ({ value }) => value,
})

const humidity = indicator({
  id: 'weather_humidity_1h',
  title: { vi: 'Độ ẩm đầu giờ', en: 'Relative humidity at the beginning of the hour' },
  unit: '%',
  source: 'weather',
  aggregates: { value: first('humidity_percent') },
  window: hour,
  scopes,
  value: ({ value }) => value,
})

const drying = derived({
  id: 'weather_drying_1d',
  title: { vi: 'Độ khô lúc 13 giờ (t13·d13)', en: 'Drying at 13:00 (t13·d13)' },
  unit: 'Cel.hPa',
  window: day,
  scopes,
  formula: 't · es(t) · (1 − RH ÷ 100) at 13:00, with es(t) = 6.112 · exp(17.62·t ÷ (243.12 + t)) in hPa',
  reference: 'Magnus',
  unconfirmed: 'the constants of es',
  inputs: { t: history(temperature, hoursSinceOne), rh: history(humidity, hoursSinceOne) },
  value({ t, rh }) {
    const [t13, rh13] = [t.at(-1), rh.at(-1)]
    return t13 === undefined || rh13 === undefined ? undefined : t13 * saturationDeficit(t13, rh13)
  },
})

const fire = ({ forest_fire_limits: limits, forest_fire_reset_mm: reset }: Parameters) =>
  derived({
    id: 'weather_fire_p',
    title: { vi: 'Chỉ số cháy rừng P', en: 'Forest-fire index P' },
    unit: '1',
    window: day,
    scopes,
    levels: fireLevelsOf(limits.value),
    formula: `Σ t13·d13 over the days since rain of at least ${reset.value} mm, at most ${mostDays} days; 0 on a day with such rain`,
    reference: 'Phạm Ngọc Hưng (1988), after Nesterov',
    parameters: [limits, reset],
    inputs: { drying: history(drying, mostDays), rain: history(rainOfDay, mostDays) },
    value: ({ drying, rain }) => fireIndex(drying, rain, reset.value),
  })

/** From the levels III, IV and V on. */
function fireLevelsOf([, attention, warning, critical]: readonly number[]): Levels {
  return {
    direction: 'above',
    ...(attention && { attention }),
    ...(warning && { warning }),
    ...(critical && { critical }),
  }
}

/** Weather: rain, whose gauges count tenths of a millimetre, and the danger of forest fire. */
export function weatherIndicators(parameters: Parameters): readonly Indicator[] {
  const { forest_fire_limits: limits } = parameters
  const p = fire(parameters)
  return [
    rain(1, {}),
    rain(12, {
      levels: { direction: 'above', attention: 8, warning: 26, critical: 50.1 },
      reference: 'rain in 12 h, classes of weather forecasts: mưa vừa 8–25 mm, mưa to 26–50, mưa rất to > 50',
    }),
    rain(24, {
      levels: { direction: 'above', attention: 16, warning: 51, critical: 100.1 },
      reference: 'rain in 24 h, classes of weather forecasts: mưa vừa 16–50 mm, mưa to 51–100, mưa rất to > 100',
    }),
    rainOfDay,
    temperature,
    humidity,
    drying,
    p,
    derived({
      id: 'weather_fire_level',
      title: { vi: 'Cấp dự báo cháy rừng (I–V)', en: 'Forest-fire level (I–V)' },
      unit: '1',
      window: day,
      scopes,
      levels: { direction: 'above', attention: 3, warning: 4, critical: 5 },
      formula: `1 + number of the limits ${limits.value.join(', ')} that the index P has reached`,
      parameters: [limits],
      inputs: { p: latest(p) },
      value: ({ p: [index] }) => (index === undefined ? undefined : fireLevelOf(index, limits.value)),
    }),
  ]
}
