/** Grafana's names of the units that metrics and indicators carry. */
const units: Readonly<Record<string, string>> = {
  '%': 'percent',
  '1': 'none',
  By: 'decbytes',
  'By/s': 'Bps',
  Cel: 'celsius',
  s: 's',
  ms: 'ms',
  h: 'h',
  d: 'd',
  VND: 'currencyVND',
  '{point}': 'none',
  'ug/m3': 'conμgm3',
  hPa: 'pressurehpa',
}

/** @throws Error for a unit that has no name here yet */
export function grafanaUnit(unit: string): string {
  const name = units[unit]
  if (name === undefined)
    throw new Error(`no Grafana unit for ${JSON.stringify(unit)}: add it to grafana/boards/units.ts`)
  return name
}
