import Type from 'typebox'
import type { Title } from '../device-types/device-type.ts'

/** A figure that formulas use, and that another place or another decision may set otherwise. */
export interface Parameter<T = unknown> {
  readonly value: T
  readonly title: Title
  /** As UCUM writes it where it can. */
  readonly unit: string
  /** Who says so: a decision, a standard, a paper. A source that the district's file sets is the same in both languages. */
  readonly source: Title
  /** Whether it is to be verified, which is said beside all that depends on it. */
  readonly unconfirmed: boolean
}

const positive = Type.Number({ exclusiveMinimum: 0 })
const hours = Type.Number({ exclusiveMinimum: 0, maximum: 24 })
const share = Type.Number({ minimum: 0, maximum: 100 })
const percentile = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 100 })
const hourOfDay = Type.Integer({ minimum: 0, maximum: 23 })

/** Limits of levels, from the first level to the last. */
const limits = (limit: Type.TNumber, count: number, order: 'ascending' | 'descending') =>
  Type.Refine(
    Type.Array(limit, { minItems: count, maxItems: count }),
    (values) => values.every((value, i) => i === 0 || isAfter(values[i - 1] ?? 0, value, order)),
    () => `expected ${count} numbers in ${order} order`,
  )
const isAfter = (before: number, value: number, order: 'ascending' | 'descending') =>
  order === 'ascending' ? value > before : value < before

/** What `district/parameters.yaml` may say of a parameter: its value, who says so, and whether that is to be verified. */
const entry = <T extends Type.TSchema>(value: T) =>
  Type.Optional(
    Type.Object(
      { value, source: Type.Optional(Type.String({ minLength: 1 })), unconfirmed: Type.Optional(Type.Boolean()) },
      { additionalProperties: false },
    ),
  )

/** `district/parameters.yaml`: a parameter that it does not name has its default. */
export const ParametersFile = Type.Object(
  {
    forest_fire_limits: entry(limits(positive, 4, 'ascending')),
    forest_fire_reset_mm: entry(positive),
    fire_weather_day_lengths: entry(Type.Array(hours, { minItems: 12, maxItems: 12 })),
    fire_weather_month_factors: entry(Type.Array(Type.Number(), { minItems: 12, maxItems: 12 })),
    passenger_car_units: entry(Type.Record(Type.String({ minLength: 1 }), positive)),
    service_level_limits: entry(limits(share, 5, 'descending')),
    aqi_min_hours: entry(Type.Integer({ minimum: 1, maximum: 24 })),
    completeness_cadences: entry(Type.Number({ minimum: 1, maximum: 100 })),
    magnus_constants: entry(Type.Array(positive, { minItems: 3, maxItems: 3 })),
    free_flow_percentile: entry(percentile),
    free_flow_night: entry(Type.Array(hourOfDay, { minItems: 2, maxItems: 2 })),
  },
  { additionalProperties: false },
)
export type ParametersFile = Type.Static<typeof ParametersFile>

type Value<K extends keyof ParametersFile> = NonNullable<ParametersFile[K]>['value']

/** All parameters, each with its value in force. */
export type Parameters = { readonly [K in keyof ParametersFile]-?: Parameter<Value<K>> }

/** What holds where `district/parameters.yaml` says nothing. A new parameter is an entry here and a line in the schema. */
export const defaultParameters: Parameters = {
  forest_fire_limits: {
    value: [1000, 2500, 5000, 10_000],
    title: { vi: 'Ngưỡng cấp cháy rừng II–V theo chỉ số P', en: 'Limits of the forest-fire levels II to V, index P' },
    unit: '1',
    source: {
      vi: 'mỗi tỉnh ban hành riêng; chưa tìm thấy quy định của Lâm Đồng',
      en: 'each province issues its own; that of Lâm Đồng was not found',
    },
    unconfirmed: true,
  },
  forest_fire_reset_mm: {
    value: 5,
    title: { vi: 'Lượng mưa ngày xóa chỉ số P', en: 'Rain of a day that resets the index P' },
    unit: 'mm',
    source: {
      vi: 'Phạm Ngọc Hưng (1988); Bế Minh Châu, Vương Văn Quỳnh (2009) dùng 7 mm cho phần lớn các nơi',
      en: 'Phạm Ngọc Hưng (1988); Bế Minh Châu & Vương Văn Quỳnh (2009) use 7 mm for most places',
    },
    unconfirmed: true,
  },
  fire_weather_day_lengths: {
    value: [7.9, 8.4, 8.9, 9.5, 9.9, 10.2, 10.1, 9.7, 9.1, 8.6, 8.1, 7.8],
    title: { vi: 'Độ dài ngày hữu hiệu của mã DMC', en: 'Effective day lengths of the DMC, by month' },
    unit: 'h',
    source: {
      vi: 'Lawson & Armitage (2008): từ vĩ tuyến 10 đến 30 độ Bắc',
      en: 'Lawson & Armitage (2008): from 10° N to 30° N',
    },
    unconfirmed: true,
  },
  fire_weather_month_factors: {
    value: [1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4],
    title: { vi: 'Hệ số độ dài ngày của mã DC', en: 'Day-length factors of the DC, by month' },
    unit: '1',
    source: {
      vi: 'Lawson & Armitage (2008): 1,4 ở gần xích đạo; chương trình mẫu dùng từ 20 độ Nam đến 20 độ Bắc',
      en: 'Lawson & Armitage (2008): 1.4 near the equator; the reference code takes it from 20° S to 20° N',
    },
    unconfirmed: true,
  },
  passenger_car_units: {
    value: { bicycle: 0.2, motorbike: 0.3, car: 1, minibus: 2, truck: 2, bus: 2.5, heavy_truck: 2.5, trailer: 4 },
    title: { vi: 'Hệ số quy đổi xe con', en: 'Passenger-car units of a vehicle, by class' },
    unit: '1',
    source: { vi: 'TCVN 4054:2005', en: 'TCVN 4054:2005' },
    unconfirmed: true,
  },
  service_level_limits: {
    value: [85, 67, 50, 40, 30],
    title: { vi: 'Ngưỡng mức phục vụ A–E', en: 'Limits of the levels of service A to E, share of the free-flow speed' },
    unit: '%',
    source: { vi: 'HCM 2010, đường đô thị', en: 'HCM 2010, urban streets' },
    unconfirmed: true,
  },
  aqi_min_hours: {
    value: 18,
    title: { vi: 'Số giờ tối thiểu để tính VN_AQI ngày', en: 'Hours that the daily VN_AQI needs' },
    unit: 'h',
    source: {
      vi: 'ba phần tư số giờ trong ngày, như thông lệ của trị trung bình ngày; quyết định không quy định',
      en: 'three quarters of the day, as is usual for daily means; the decision states none',
    },
    unconfirmed: true,
  },
  completeness_cadences: {
    value: 3,
    title: { vi: 'Số chu kỳ sau đó một nguồn bị coi là chậm', en: 'Cadences after which a source is late' },
    unit: '1',
    source: { vi: 'thông lệ của trung tâm', en: 'practice of the centre' },
    unconfirmed: true,
  },
  magnus_constants: {
    value: [6.112, 17.62, 243.12],
    title: {
      vi: 'Hằng số của công thức áp suất hơi nước bão hòa',
      en: 'Constants of the pressure of saturation, in hPa, 1 and °C',
    },
    unit: '1',
    source: { vi: 'công thức Magnus', en: 'equation of Magnus' },
    unconfirmed: true,
  },
  free_flow_percentile: {
    value: 85,
    title: { vi: 'Phân vị của tốc độ dòng tự do', en: 'Percentile of the free-flow speed' },
    unit: '%',
    source: { vi: 'HCM 2010, đường đô thị', en: 'HCM 2010, urban streets' },
    unconfirmed: true,
  },
  free_flow_night: {
    value: [22, 5],
    title: {
      vi: 'Giờ ban đêm để đo tốc độ dòng tự do',
      en: 'Hours of the night in which the free-flow speed is measured',
    },
    unit: 'h',
    source: { vi: 'thông lệ của trung tâm', en: 'practice of the centre' },
    unconfirmed: true,
  },
}
