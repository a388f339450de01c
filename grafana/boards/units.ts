/** Grafana's names of the units that metrics and indicators carry. */
const units: Readonly<Record<string, string>> = {
  '%': 'percent',
  '%/d': 'suffix: %/ngày',
  '1': 'none',
  '1/h': 'suffix:/giờ',
  '1/min': 'cpm',
  '1/s': 'cps',
  '[pH]': 'pH',
  '{NTU}': 'suffix: NTU',
  '{PCU}': 'suffix: PCU',
  '{PCU}/h': 'suffix: PCU/giờ',
  '{camera}': 'suffix: camera',
  '{site}': 'suffix: điểm',
  '{day}': 'suffix: ngày',
  '{time}': 'suffix: lần',
  By: 'decbytes',
  'By/s': 'Bps',
  Cel: 'celsius',
  'Cel.hPa': 'suffix: °C·hPa',
  V: 'volt',
  W: 'watt',
  'bit/s': 'bps',
  d: 'd',
  deg: 'degree',
  h: 'h',
  hPa: 'pressurehpa',
  'hPa/h': 'suffix: hPa/giờ',
  kPa: 'pressurekpa',
  'kPa/h': 'suffix: kPa/giờ',
  km: 'lengthkm',
  'km/h': 'velocitykmh',
  m: 'lengthm',
  'm/h': 'suffix: m/giờ',
  m3: 'm3',
  'm3/s': 'cms',
  'mg/L': 'suffix: mg/L',
  min: 'm',
  mm: 'lengthmm',
  ms: 'ms',
  s: 's',
  VND: 'currencyVND',
  '{point}': 'none',
  'ug/m3': 'conμgm3',
}

/** @throws Error for a unit that has no name here yet */
export function grafanaUnit(unit: string): string {
  const name = units[unit]
  if (name === undefined)
    throw new Error(`no Grafana unit for ${JSON.stringify(unit)}: add it to grafana/boards/units.ts`)
  return name
}
