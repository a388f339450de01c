import type { DeviceTypeId } from '@ioc/contract/device-types/table.ts'
import type { Parameters } from '@ioc/contract/district/parameters.ts'
import type { Levels } from '@ioc/contract/messages/live.ts'
import { first, sum } from '../../engine/aggregates/aggregates.ts'
import type { Aggregate } from '../../engine/aggregates/column.ts'
import {
  derived,
  history,
  type Indicator,
  indicator,
  latest,
  type MeasuredIndicator,
  type MetricOf,
} from '../indicator.ts'
import { only } from '../only.ts'
import { day, localHour, localMonth, ofDevice } from '../periods.ts'
import { unconfirmed } from '../unconfirmed.ts'
import { fireIndex, fireLevelOf, fireLevels, maxDays, saturationDeficit } from '../weather/forest-fire.ts'
import { sayNumber, sayNumbers, type Words } from '../words.ts'
import { buildUp, codesOf, type DayLengths, fireWeather, initialSpread, type MoistureCodes, startCodes } from './fwi.ts'

/** The types of devices that measure temperature, humidity, wind and rain. */
type WeatherSource = Extract<DeviceTypeId, 'weather' | 'forest_post'>

const dayMs = 86_400_000

const atNoon = (_: unknown, ts: number) => localHour(ts) === 12
const atOne = (_: unknown, ts: number) => localHour(ts) === 13
const beforeNoon = (_: unknown, ts: number) => localHour(ts) < 12

const fwiReference = 'Van Wagner & Pickett (1985), Forestry Technical Report 33'

/**
 * The danger of forest fire at each device: the index P, and the Canadian FWI beside it. The means of several devices
 * have neither.
 * @param name what the ids begin with
 */
export function fireDanger(
  source: WeatherSource,
  name: string,
  rainOfDay: MeasuredIndicator,
  parameters: Parameters,
): readonly Indicator[] {
  return [...indexP(source, name, rainOfDay, parameters), ...fireWeatherIndex(source, name, rainOfDay, parameters)]
}

/** What a device measured in an hour of each day. */
function ofHour(
  source: WeatherSource,
  id: string,
  [vi, en]: readonly [vi: string, en: string],
  unit: string,
  of: Aggregate<MetricOf<WeatherSource>>,
  where: (values: unknown, ts: number) => boolean,
  about: Words,
) {
  return indicator({ id, title: { vi, en }, about, unit, source, ...only(of), where, window: day, scopes: ofDevice })
}

function indexP(
  source: WeatherSource,
  name: string,
  rainOfDay: MeasuredIndicator,
  { forest_fire_limits: limits, forest_fire_reset_mm: reset, magnus_constants: magnus }: Parameters,
): readonly Indicator[] {
  const t = ofHour(
    source,
    `${name}_temperature_13h`,
    ['Nhiệt độ lúc 13 giờ', 'Temperature at 13:00'],
    'Cel',
    first('temperature_c'),
    atOne,
    {
      vi: 'Nhiệt độ không khí của lần đo đầu tiên từ 13 giờ. Dùng để tính chỉ số cháy rừng P.',
      en: 'Air temperature of the first measurement from 13:00 on. The forest-fire index P is computed from it.',
    },
  )
  const rh = ofHour(
    source,
    `${name}_humidity_13h`,
    ['Độ ẩm lúc 13 giờ', 'Relative humidity at 13:00'],
    '%',
    first('humidity_percent'),
    atOne,
    {
      vi: 'Độ ẩm tương đối của không khí ở lần đo đầu tiên từ 13 giờ. Dùng để tính chỉ số cháy rừng P.',
      en: 'Relative humidity of the first measurement from 13:00 on. The forest-fire index P is computed from it.',
    },
  )
  const drying = derived({
    id: `${name}_drying_1d`,
    title: { vi: 'Độ khô lúc 13 giờ (t13·d13)', en: 'Drying at 13:00 (t13·d13)' },
    about: {
      vi: 'Nhiệt độ lúc 13 giờ nhân với độ thiếu hụt bão hòa, tức lượng hơi nước mà không khí còn có thể hút thêm. Càng lớn, thảm rừng khô càng nhanh.',
      en: 'Temperature at 13:00 times the saturation deficit, that is, how much more water the air could take up. The larger, the faster the forest floor dries.',
    },
    unit: 'Cel.hPa',
    window: day,
    scopes: ofDevice,
    formula: `t · es(t) · (1 − RH ÷ 100) at 13:00, with es(t) = a · exp(b·t ÷ (c + t)) in hPa; a, b, c = ${magnus.value.join(', ')}`,
    reference: 'Magnus',
    parameters: [magnus],
    inputs: { t: latest(t), rh: latest(rh) },
    value: ({ t: [t13], rh: [rh13] }) =>
      t13 === undefined || rh13 === undefined ? undefined : t13 * saturationDeficit(t13, rh13, magnus.value),
  })
  const p = derived({
    id: `${name}_fire_p`,
    title: { vi: 'Chỉ số cháy rừng P', en: 'Forest-fire index P' },
    about: {
      vi: `Cộng độ khô lúc 13 giờ của các ngày kể từ ngày mưa từ ${sayNumber(reset.value).vi} mm trở lên, tối đa ${maxDays} ngày; ngày có mưa như vậy chỉ số về 0. Càng cao càng dễ cháy.`,
      en: `Adds up the drying at 13:00 of the days since rain of at least ${reset.value} mm, at most ${maxDays}; such a day sets it to 0. The higher, the more easily the forest burns.`,
    },
    unit: '1',
    window: day,
    scopes: ofDevice,
    levels: levelsOf(limits.value),
    formula: `Σ t13·d13 over the days since rain of at least ${reset.value} mm, at most ${maxDays} days; 0 on a day with such rain`,
    reference: 'Phạm Ngọc Hưng (1988), theo Nesterov',
    parameters: [limits, reset, magnus],
    inputs: { drying: history(drying, maxDays), rain: history(rainOfDay, maxDays) },
    value: ({ drying, rain }) => fireIndex(drying, rain, reset.value),
  })
  return [
    t,
    rh,
    drying,
    p,
    derived({
      id: `${name}_fire_level`,
      title: { vi: 'Cấp dự báo cháy rừng (I–V)', en: 'Forest-fire level (I–V)' },
      about: {
        vi: `Cấp theo chỉ số P: cấp I dưới ${sayNumber(limits.value[0] ?? 0).vi}; cấp II, III, IV, V lần lượt từ ${sayNumbers(limits.value, '; ').vi} trở lên. Cấp IV là nguy hiểm, cấp V là cực kỳ nguy hiểm.`,
        en: `The level of the index P: I below ${sayNumber(limits.value[0] ?? 0).en}, then II, III, IV and V from ${sayNumbers(limits.value, '; ').en} up. IV is dangerous, V extremely dangerous.`,
      },
      unit: '1',
      window: day,
      scopes: ofDevice,
      levels: { direction: 'above', attention: 3, warning: 4, critical: 5 },
      bands: fireLevels.map((level, index) => ({ ...level, to: index + 1 })),
      formula: `1 + number of the limits ${limits.value.join(', ')} that the index P has reached`,
      parameters: [limits],
      unconfirmed: unconfirmed.colours,
      inputs: { p: latest(p) },
      value: ({ p: [index] }) => (index === undefined ? undefined : fireLevelOf(index, limits.value)),
    }),
    derived({
      id: `${name}_dry_days`,
      title: { vi: 'Số ngày liên tục không mưa', en: 'Days without rain' },
      about: {
        vi: `Đếm số ngày kể từ ngày mưa từ ${sayNumber(reset.value).vi} mm trở lên, tối đa ${maxDays} ngày; ngày không có số đo không được tính.`,
        en: `Counts the days since rain of at least ${reset.value} mm, at most ${maxDays}; days without measurements are not counted.`,
      },
      unit: '{day}',
      window: day,
      scopes: ofDevice,
      formula: `days since rain of at least ${reset.value} mm, at most ${maxDays}; days that were not measured are not counted`,
      parameters: [reset],
      inputs: { rain: history(rainOfDay, maxDays) },
      value({ rain }) {
        if (rain[0] === undefined) return undefined
        const wet = rain.findIndex((mm = 0) => mm >= reset.value)
        return rain.slice(0, wet === -1 ? maxDays : wet).filter((mm) => mm !== undefined).length
      },
    }),
  ]
}

/** From the levels III, IV and V on. */
function levelsOf([, attention, warning, critical]: readonly number[]): Levels {
  return {
    direction: 'above',
    ...(attention && { attention }),
    ...(warning && { warning }),
    ...(critical && { critical }),
  }
}

function fireWeatherIndex(
  source: WeatherSource,
  name: string,
  rainOfDay: MeasuredIndicator,
  { fire_weather_day_lengths: hours, fire_weather_month_factors: factors }: Parameters,
): readonly Indicator[] {
  const lengths: DayLengths = { hours: hours.value, factors: factors.value }
  const t = ofHour(
    source,
    `${name}_temperature_12h`,
    ['Nhiệt độ lúc 12 giờ', 'Temperature at noon'],
    'Cel',
    first('temperature_c'),
    atNoon,
    {
      vi: 'Nhiệt độ không khí của lần đo đầu tiên từ 12 giờ. Dùng để tính các mã và chỉ số FWI.',
      en: 'Air temperature of the first measurement from noon on. The codes and the index FWI are computed from it.',
    },
  )
  const rh = ofHour(
    source,
    `${name}_humidity_12h`,
    ['Độ ẩm lúc 12 giờ', 'Relative humidity at noon'],
    '%',
    first('humidity_percent'),
    atNoon,
    {
      vi: 'Độ ẩm tương đối của không khí ở lần đo đầu tiên từ 12 giờ. Dùng để tính các mã và chỉ số FWI.',
      en: 'Relative humidity of the first measurement from noon on. The codes and the index FWI are computed from it.',
    },
  )
  const wind = ofHour(
    source,
    `${name}_wind_12h`,
    ['Tốc độ gió lúc 12 giờ', 'Wind speed at noon'],
    'km/h',
    first('wind_kmh'),
    atNoon,
    {
      vi: 'Tốc độ gió của lần đo đầu tiên từ 12 giờ. Dùng để tính chỉ số lan tràn và chỉ số FWI.',
      en: 'Wind speed of the first measurement from noon on. The spread index and the index FWI are computed from it.',
    },
  )
  const rainToNoon = ofHour(
    source,
    `${name}_rain_to_noon_1d`,
    ['Lượng mưa từ 0 đến 12 giờ', 'Rain from midnight to noon'],
    'mm',
    sum('rain_mm'),
    beforeNoon,
    {
      vi: 'Cộng lượng mưa của các lần đo trước 12 giờ. Cùng mưa chiều hôm trước thành lượng mưa 24 giờ mà FWI cần.',
      en: 'Adds up the rain measured before noon. With that of the afternoon before it makes the 24 hours that FWI needs.',
    },
  )

  const code = (id: keyof MoistureCodes, [vi, en]: readonly [vi: string, en: string], layer: Words) =>
    derived({
      id: `${name}_${id}`,
      title: { vi, en },
      about: {
        vi: `Mức khô của ${layer.vi}, tính tiếp từng ngày từ nhiệt độ, độ ẩm, gió và mưa lúc 12 giờ của ${maxDays} ngày. Càng cao càng khô.`,
        en: `How dry ${layer.en} is, carried on day by day from temperature, humidity, wind and rain at noon of ${maxDays} days. The higher, the drier.`,
      },
      unit: '1',
      window: day,
      scopes: ofDevice,
      formula: `equations of the code over the weather at noon of ${maxDays} days, from ${startCodes[id]}; days that were not measured leave it as it is`,
      reference: fwiReference,
      parameters: [hours, factors],
      inputs: {
        t: history(t, maxDays),
        rh: history(rh, maxDays),
        wind: history(wind, maxDays),
        rain: history(rainOfDay, maxDays + 1),
        toNoon: history(rainToNoon, maxDays + 1),
      },
      value: (of, ts) => codesOf(noonWeather(of), (back) => localMonth(ts - back * dayMs - 1), lengths)?.[id],
    })
  const ffmc = code('ffmc', ['Mã ẩm vật liệu cháy mịn (FFMC)', 'Fine Fuel Moisture Code (FFMC)'], {
    vi: 'lá khô và cỏ trên mặt đất rừng',
    en: 'the litter of leaves and grass',
  })
  const dmc = code('dmc', ['Mã ẩm lớp thảm mục (DMC)', 'Duff Moisture Code (DMC)'], {
    vi: 'lớp thảm mục dưới lá khô',
    en: 'the duff below the litter',
  })
  const dc = code('dc', ['Mã khô hạn (DC)', 'Drought Code (DC)'], {
    vi: 'lớp mùn sâu của đất rừng',
    en: 'the deep organic layer of the soil',
  })
  const isi = derived({
    id: `${name}_isi`,
    title: { vi: 'Chỉ số lan tràn ban đầu (ISI)', en: 'Initial Spread Index (ISI)' },
    about: {
      vi: 'Đám cháy vừa bén sẽ lan nhanh đến đâu, tính từ mã FFMC và tốc độ gió lúc 12 giờ. Càng cao, lửa lan càng nhanh.',
      en: 'How fast a fire that has just started would spread, from FFMC and the wind at noon. The higher, the faster.',
    },
    unit: '1',
    window: day,
    scopes: ofDevice,
    formula: 'equations 24 to 26 over FFMC and the wind at noon',
    reference: fwiReference,
    parameters: [hours, factors],
    inputs: { ffmc: latest(ffmc), wind: latest(wind) },
    value: ({ ffmc: [code], wind: [kmh] }) =>
      code === undefined || kmh === undefined ? undefined : initialSpread(code, kmh),
  })
  const bui = derived({
    id: `${name}_bui`,
    title: { vi: 'Chỉ số tích lũy vật liệu cháy (BUI)', en: 'Buildup Index (BUI)' },
    about: {
      vi: 'Lượng vật liệu trong rừng đã khô đến mức có thể cháy, tính từ mã DMC và mã DC. Càng cao, vật liệu cháy càng nhiều.',
      en: 'How much fuel in the forest is dry enough to burn, from DMC and DC. The higher, the more there is.',
    },
    unit: '1',
    window: day,
    scopes: ofDevice,
    formula: 'equation 27 over DMC and DC',
    reference: fwiReference,
    parameters: [hours, factors],
    inputs: { dmc: latest(dmc), dc: latest(dc) },
    value: ({ dmc: [duff], dc: [drought] }) =>
      duff === undefined || drought === undefined ? undefined : buildUp(duff, drought),
  })
  return [
    t,
    rh,
    wind,
    rainToNoon,
    ffmc,
    dmc,
    dc,
    isi,
    bui,
    derived({
      id: `${name}_fwi`,
      title: { vi: 'Chỉ số thời tiết cháy rừng (FWI)', en: 'Fire Weather Index (FWI)' },
      about: {
        vi: 'Đám cháy sẽ dữ dội đến đâu, tính từ chỉ số ISI và chỉ số BUI theo phương pháp của Ca-na-đa. Từ 21,3 là cao, từ 38 là rất cao, từ 50 là cực đoan.',
        en: 'How intense a fire would be, from ISI and BUI by the Canadian method. From 21.3 up it is high, from 38 very high, from 50 extreme.',
      },
      unit: '1',
      window: day,
      scopes: ofDevice,
      levels: { direction: 'above', attention: 21.3, warning: 38, critical: 50 },
      formula: 'equations 28 to 30 over ISI and BUI',
      reference: `${fwiReference}; classes of EFFIS: high from 21.3, very high from 38, extreme from 50`,
      unconfirmed: unconfirmed.fireWeatherClasses,
      parameters: [hours, factors],
      inputs: { isi: latest(isi), bui: latest(bui) },
      value: ({ isi: [spread], bui: [fuel] }) =>
        spread === undefined || fuel === undefined ? undefined : fireWeather(spread, fuel),
    }),
  ]
}

type Days = readonly (number | undefined)[]

/** The weather at noon of each day. The rain of the 24 hours before it: of the afternoon before, and of the morning. */
function noonWeather({ t, rh, wind, rain, toNoon }: Readonly<Record<'t' | 'rh' | 'wind' | 'rain' | 'toNoon', Days>>) {
  return t.map((temperature, back) => {
    const [humidity, kmh] = [rh[back], wind[back]]
    if (temperature === undefined || humidity === undefined || kmh === undefined) return undefined
    const afternoonBefore = (rain[back + 1] ?? 0) - (toNoon[back + 1] ?? 0)
    const fallen = Math.max(0, afternoonBefore) + (toNoon[back] ?? 0)
    // Sensors in fog read a little more than 100.
    return { temperature, humidity: Math.min(100, humidity), wind: kmh, rain: fallen }
  })
}
