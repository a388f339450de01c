import type { Parameters } from '@ioc/contract/district/parameters.ts'
import { changeRate, max, mean, min } from '../../engine/aggregates/aggregates.ts'
import { fireDanger } from '../forest/fire-danger.ts'
import { derived, type Indicator, indicator, latest } from '../indicator.ts'
import { only } from '../only.ts'
import { day, everywhere, hour, lastHour, ofDevice } from '../periods.ts'
import { dewPoint, heatIndex } from './comfort.ts'
import { rainOf } from './rain.ts'

const temperature = indicator({
  id: 'weather_temperature_1h',
  title: { vi: 'Nhiệt độ trung bình 1 giờ', en: 'Temperature, 1 h mean' },
  unit: 'Cel',
  source: 'weather',
  ...only(mean('temperature_c')),
  window: hour,
  scopes: everywhere,
})

const humidity = indicator({
  id: 'weather_humidity_1h',
  title: { vi: 'Độ ẩm trung bình 1 giờ', en: 'Relative humidity, 1 h mean' },
  unit: '%',
  source: 'weather',
  ...only(mean('humidity_percent')),
  window: hour,
  scopes: everywhere,
})

const air: readonly Indicator[] = [
  temperature,
  indicator({
    id: 'weather_temperature_max_1d',
    title: { vi: 'Nhiệt độ cao nhất trong ngày', en: 'Highest temperature of the day' },
    unit: 'Cel',
    source: 'weather',
    ...only(max('temperature_c')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'above', attention: 35, warning: 37, critical: 39 },
    reference:
      'classes of heat of weather forecasts: nắng nóng 35–37 °C, nắng nóng gay gắt 37–39, đặc biệt gay gắt ≥ 39',
    unconfirmed: 'the classes',
  }),
  indicator({
    id: 'weather_temperature_min_1d',
    title: { vi: 'Nhiệt độ thấp nhất trong ngày', en: 'Lowest temperature of the day' },
    unit: 'Cel',
    source: 'weather',
    ...only(min('temperature_c')),
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'weather_temperature_1d',
    title: { vi: 'Nhiệt độ trung bình ngày', en: 'Temperature, mean of the day' },
    unit: 'Cel',
    source: 'weather',
    ...only(mean('temperature_c')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'below', attention: 15, warning: 13 },
    reference: 'classes of cold of weather forecasts: rét đậm ≤ 15 °C, rét hại ≤ 13, means of a day',
    unconfirmed: 'the classes',
  }),
  humidity,
  indicator({
    id: 'weather_humidity_min_1d',
    title: { vi: 'Độ ẩm thấp nhất trong ngày', en: 'Lowest relative humidity of the day' },
    unit: '%',
    source: 'weather',
    ...only(min('humidity_percent')),
    window: day,
    scopes: everywhere,
  }),
  derived({
    id: 'weather_heat_index_1h',
    title: { vi: 'Chỉ số nóng bức', en: 'Heat index' },
    unit: 'Cel',
    window: hour,
    scopes: everywhere,
    levels: { direction: 'above', attention: 32, warning: 41, critical: 54 },
    formula: "Rothfusz' regression over the 1 h means of temperature and humidity, with its adjustments",
    reference:
      'U.S. National Weather Service, SR 90-23: extreme caution from 32 °C, danger from 41, extreme danger from 54',
    inputs: { t: latest(temperature), rh: latest(humidity) },
    value: ({ t: [celsius], rh: [percent] }) =>
      celsius === undefined || percent === undefined ? undefined : heatIndex(celsius, percent),
  }),
  derived({
    id: 'weather_dew_point_1h',
    title: { vi: 'Điểm sương', en: 'Dew point' },
    unit: 'Cel',
    window: hour,
    scopes: ofDevice,
    formula: '243.12·γ ÷ (17.62 − γ), with γ = ln(RH ÷ 100) + 17.62·t ÷ (243.12 + t), of the 1 h means',
    reference: 'Magnus',
    unconfirmed: 'the constants',
    inputs: { t: latest(temperature), rh: latest(humidity) },
    value: ({ t: [celsius], rh: [percent] }) =>
      celsius === undefined || percent === undefined ? undefined : dewPoint(celsius, percent),
  }),
  indicator({
    id: 'weather_wind_1h',
    title: { vi: 'Tốc độ gió trung bình 1 giờ', en: 'Wind speed, 1 h mean' },
    unit: 'km/h',
    source: 'weather',
    ...only(mean('wind_kmh')),
    window: lastHour,
    scopes: everywhere,
  }),
  indicator({
    id: 'weather_wind_max_1h',
    title: { vi: 'Tốc độ gió lớn nhất 1 giờ', en: 'Wind speed, 1 h max' },
    unit: 'km/h',
    source: 'weather',
    ...only(max('wind_kmh')),
    window: lastHour,
    scopes: everywhere,
    levels: { direction: 'above', attention: 39, warning: 62, critical: 89 },
    reference: 'Beaufort scale: force 6 (gió mạnh) from 39 km/h, 8 (bão) from 62, 10 (bão mạnh) from 89',
  }),
  indicator({
    id: 'weather_pressure_1h',
    title: { vi: 'Khí áp trung bình 1 giờ', en: 'Pressure, 1 h mean' },
    unit: 'hPa',
    source: 'weather',
    ...only(mean('pressure_hpa')),
    window: lastHour,
    scopes: ofDevice,
  }),
  indicator({
    id: 'weather_pressure_trend_3h',
    title: { vi: 'Xu thế khí áp 3 giờ', en: 'Pressure tendency, 3 h' },
    unit: 'hPa/h',
    source: 'weather',
    ...only(changeRate('pressure_hpa'), 3600),
    window: { kind: 'sliding', size_s: 3 * 3600, every_s: 600 },
    scopes: ofDevice,
  }),
]

/** Weather: rain, whose gauges count tenths of a millimetre, the air, and the danger of forest fire. */
export function weatherIndicators(parameters: Parameters): readonly Indicator[] {
  const rain = rainOf('weather', 'weather')
  return [
    ...rain.all,
    ...rainOf('rain_gauge', 'gauge').all,
    ...air,
    ...fireDanger('weather', 'weather', rain.ofDay, parameters),
  ]
}
