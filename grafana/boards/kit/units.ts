import type { Language } from './text.ts'

/** A unit that both languages write alike, or its names in Vietnamese and English. */
type UnitName = string | readonly [vi: string, en: string]

/** Grafana's names of the units that metrics and indicators carry. */
const units: Readonly<Record<string, UnitName>> = {
  '%': 'percent',
  '%/d': ['suffix: %/ngày', 'suffix: %/day'],
  '1': 'none',
  '1/h': ['suffix: xe/giờ', 'suffix: veh/h'],
  '1/min': ['suffix: xe/phút', 'suffix: veh/min'],
  '1/s': ['suffix: khung hình/giây', 'suffix: fps'],
  '[pH]': 'none',
  '{NTU}': 'suffix: NTU',
  '{PCU}': 'suffix: PCU',
  '{PCU}/h': ['suffix: PCU/giờ', 'suffix: PCU/h'],
  '{camera}': ['suffix: camera', 'suffix: cameras'],
  '{site}': ['suffix: điểm', 'suffix: sites'],
  '{day}': ['suffix: ngày', 'suffix: days'],
  '{time}': ['suffix: lần', 'suffix: times'],
  '{point}': ['suffix: điểm', 'suffix: points'],
  By: 'decbytes',
  'By/s': 'Bps',
  Cel: 'celsius',
  'Cel.hPa': 'suffix: °C·hPa',
  V: 'volt',
  W: 'watt',
  'bit/s': 'bps',
  d: ['suffix: ngày', 'suffix: days'],
  deg: 'degree',
  h: ['suffix: giờ', 'suffix: h'],
  hPa: 'suffix: hPa',
  'hPa/h': ['suffix: hPa/giờ', 'suffix: hPa/h'],
  kPa: 'suffix: kPa',
  'kPa/h': ['suffix: kPa/giờ', 'suffix: kPa/h'],
  km: 'suffix: km',
  'km/h': ['suffix: km/giờ', 'suffix: km/h'],
  m: 'suffix: m',
  'm/h': ['suffix: m/giờ', 'suffix: m/h'],
  m3: 'suffix: m³',
  'm3/s': ['suffix: m³/giây', 'suffix: m³/s'],
  'mg/L': 'suffix: mg/L',
  min: ['suffix: phút', 'suffix: min'],
  mm: 'suffix: mm',
  ms: 'suffix: ms',
  s: 's',
  VND: 'currencyVND',
  'ug/m3': 'suffix: µg/m³',
}

/** @throws Error for a unit that has no name here yet */
export function grafanaUnit(unit: string, language: Language): string {
  const name = units[unit]
  if (name === undefined)
    throw new Error(`no Grafana unit for ${JSON.stringify(unit)}: add it to grafana/boards/kit/units.ts`)
  return typeof name === 'string' ? name : name[language === 'vi' ? 0 : 1]
}

/** Digits after the comma, by unit; the others have one. Grafana chooses them itself for bytes, money and seconds. */
const decimals: Readonly<Record<string, number | undefined>> = {
  '{PCU}': 0,
  '{PCU}/h': 0,
  '{camera}': 0,
  '{site}': 0,
  '{day}': 0,
  '{time}': 0,
  '1/h': 0,
  'm3/s': 2,
  'ug/m3': 0,
  'm/h': 2,
  deg: 0,
  m: 2,
  m3: 0,
  ms: 0,
  W: 0,
  By: undefined,
  'By/s': undefined,
  'bit/s': undefined,
  VND: undefined,
  s: undefined,
}

/** Figures of unit 1 that are no whole numbers: indices and quotients. The rest are counts. */
const fractional =
  /_(?:p|ffmc|dmc|dc|isi|bui|fwi|per_teacher|per_class|travel_time_index_1h|load_1m|load_5m|load_15m|zoom)$|^load_/

/** Digits after the comma of a value of this unit; undefined: as many as Grafana finds useful. */
export function decimalsOf(unit: string, name: string): number | undefined {
  if (unit === '1') return fractional.test(name) ? 1 : 0
  return Object.hasOwn(decimals, unit) ? decimals[unit] : 1
}
