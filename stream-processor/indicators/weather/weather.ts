import type { Parameters } from '@ioc/contract/district/parameters.ts'
import { changeRate, max, mean, min } from '../../engine/aggregates/aggregates.ts'
import { fireDanger } from '../forest/fire-danger.ts'
import { derived, type Indicator, indicator, latest } from '../indicator.ts'
import { only } from '../only.ts'
import { day, everywhere, hour, lastHour, ofDevice } from '../periods.ts'
import { unconfirmed } from '../unconfirmed.ts'
import { dewPoint, heatIndex } from './comfort.ts'
import { rainOf } from './rain.ts'

const temperature = indicator({
  id: 'weather_temperature_1h',
  title: { vi: 'Nhiệt độ trung bình 1 giờ', en: 'Temperature, 1 h mean' },
  about: {
    vi: 'Trung bình nhiệt độ không khí của tất cả các lần đo trong giờ.',
    en: 'Mean air temperature over all measurements of the hour.',
  },
  unit: 'Cel',
  source: 'weather',
  ...only(mean('temperature_c')),
  window: hour,
  scopes: everywhere,
})

const humidity = indicator({
  id: 'weather_humidity_1h',
  title: { vi: 'Độ ẩm không khí trung bình 1 giờ', en: 'Relative humidity, 1 h mean' },
  about: {
    vi: 'Trung bình độ ẩm tương đối của không khí, trên tất cả các lần đo trong giờ.',
    en: 'Mean relative humidity of the air over all measurements of the hour.',
  },
  unit: '%',
  source: 'weather',
  ...only(mean('humidity_percent')),
  window: hour,
  scopes: everywhere,
})

const airOf = ({ magnus_constants: magnus }: Parameters): readonly Indicator[] => [
  temperature,
  indicator({
    id: 'weather_temperature_max_1d',
    title: { vi: 'Nhiệt độ cao nhất trong ngày', en: 'Highest temperature of the day' },
    about: {
      vi: 'Nhiệt độ không khí cao nhất đo được từ 0 giờ đến 24 giờ. Từ 35 °C là nắng nóng, từ 37 °C là gay gắt, từ 39 °C là đặc biệt gay gắt.',
      en: 'Highest air temperature measured in the day. It is hot from 35 °C up, very hot from 37 °C and extremely hot from 39 °C.',
    },
    unit: 'Cel',
    source: 'weather',
    ...only(max('temperature_c')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'above', attention: 35, warning: 37, critical: 39 },
    reference:
      'Phân cấp nắng nóng của bản tin dự báo thời tiết: nắng nóng 35–37 °C, nắng nóng gay gắt 37–39, đặc biệt gay gắt ≥ 39',
    unconfirmed: unconfirmed.weatherClasses,
  }),
  indicator({
    id: 'weather_temperature_min_1d',
    title: { vi: 'Nhiệt độ thấp nhất trong ngày', en: 'Lowest temperature of the day' },
    about: {
      vi: 'Nhiệt độ không khí thấp nhất đo được từ 0 giờ đến 24 giờ, thường vào lúc gần sáng.',
      en: 'Lowest air temperature measured in the day, mostly before dawn.',
    },
    unit: 'Cel',
    source: 'weather',
    ...only(min('temperature_c')),
    window: day,
    scopes: everywhere,
  }),
  indicator({
    id: 'weather_temperature_1d',
    title: { vi: 'Nhiệt độ trung bình ngày', en: 'Temperature, mean of the day' },
    about: {
      vi: 'Trung bình nhiệt độ không khí của tất cả các lần đo trong ngày. Đến 15 °C là rét đậm, đến 13 °C là rét hại.',
      en: 'Mean air temperature over all measurements of the day. At 15 °C and below it counts as cold, at 13 °C as harmful cold.',
    },
    unit: 'Cel',
    source: 'weather',
    ...only(mean('temperature_c')),
    window: day,
    scopes: everywhere,
    levels: { direction: 'below', attention: 15, warning: 13 },
    reference: 'Phân cấp rét của bản tin dự báo thời tiết: rét đậm ≤ 15 °C, rét hại ≤ 13, trung bình ngày',
    unconfirmed: unconfirmed.weatherClasses,
  }),
  humidity,
  indicator({
    id: 'weather_humidity_min_1d',
    title: { vi: 'Độ ẩm không khí thấp nhất trong ngày', en: 'Lowest relative humidity of the day' },
    about: {
      vi: 'Độ ẩm tương đối thấp nhất của không khí đo được trong ngày. Không khí càng khô, nguy cơ cháy rừng càng cao.',
      en: 'Lowest relative humidity of the air measured in the day. The drier the air, the more easily a forest burns.',
    },
    unit: '%',
    source: 'weather',
    ...only(min('humidity_percent')),
    window: day,
    scopes: everywhere,
  }),
  derived({
    id: 'weather_heat_index_1h',
    title: { vi: 'Chỉ số nóng bức', en: 'Heat index' },
    about: {
      vi: 'Nhiệt độ mà cơ thể cảm thấy trong bóng râm, tính từ trung bình giờ của nhiệt độ và độ ẩm theo công thức Rothfusz. Từ 41 °C là nguy hiểm.',
      en: 'How hot it feels in the shade, by the formula of Rothfusz from the hourly means of temperature and humidity. From 41 °C up it is dangerous.',
    },
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
    about: {
      vi: 'Nhiệt độ mà không khí phải lạnh xuống thì hơi nước bắt đầu ngưng tụ, tính từ trung bình giờ của nhiệt độ và độ ẩm theo công thức Magnus.',
      en: 'The temperature to which the air has to cool before dew forms, by the equation of Magnus from the hourly means of temperature and humidity.',
    },
    unit: 'Cel',
    window: hour,
    scopes: ofDevice,
    formula: `c·γ ÷ (b − γ), with γ = ln(RH ÷ 100) + b·t ÷ (c + t), of the 1 h means; b, c = ${magnus.value.slice(1).join(', ')}`,
    reference: 'Magnus',
    parameters: [magnus],
    inputs: { t: latest(temperature), rh: latest(humidity) },
    value: ({ t: [celsius], rh: [percent] }) =>
      celsius === undefined || percent === undefined ? undefined : dewPoint(celsius, percent, magnus.value),
  }),
  indicator({
    id: 'weather_wind_1h',
    title: { vi: 'Tốc độ gió trung bình 1 giờ', en: 'Wind speed, 1 h mean' },
    about: {
      vi: 'Trung bình tốc độ gió của tất cả các lần đo trong 1 giờ gần nhất.',
      en: 'Mean wind speed over all measurements of the last hour.',
    },
    unit: 'km/h',
    source: 'weather',
    ...only(mean('wind_kmh')),
    window: lastHour,
    scopes: everywhere,
  }),
  indicator({
    id: 'weather_wind_max_1h',
    title: { vi: 'Tốc độ gió lớn nhất 1 giờ', en: 'Wind speed, 1 h max' },
    about: {
      vi: 'Tốc độ gió lớn nhất đo được trong 1 giờ gần nhất. Từ 39 km/h là gió mạnh cấp 6, từ 62 km/h là cấp 8, từ 89 km/h là cấp 10.',
      en: 'Highest wind speed measured in the last hour. From 39 km/h up it is force 6 of Beaufort, from 62 km/h force 8, from 89 km/h force 10.',
    },
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
    about: {
      vi: 'Trung bình khí áp tại trạm của các lần đo trong 1 giờ gần nhất.',
      en: 'Mean air pressure at the station over the measurements of the last hour.',
    },
    unit: 'hPa',
    source: 'weather',
    ...only(mean('pressure_hpa')),
    window: lastHour,
    scopes: ofDevice,
  }),
  indicator({
    id: 'weather_pressure_trend_3h',
    title: { vi: 'Xu thế khí áp 3 giờ', en: 'Pressure tendency, 3 h' },
    about: {
      vi: 'Khí áp thay đổi bao nhiêu mỗi giờ: lần đo cuối trừ lần đo đầu trong 3 giờ gần nhất, chia cho thời gian giữa hai lần. Giảm nhanh báo hiệu thời tiết xấu.',
      en: 'How much the air pressure changes an hour: the last less the first measurement in the last 3 hours, by the time between them. A quick fall announces bad weather.',
    },
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
    ...rainOf('rain_gauge', 'gauge', { vi: ', trạm đo mưa', en: ', rain gauges' }).all,
    ...airOf(parameters),
    ...fireDanger('weather', 'weather', rain.ofDay, parameters),
  ]
}
