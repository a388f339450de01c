/** Grafana's names of units, as `grafana/boards/units.ts` writes them, by the unit that the page formats them as. */
export const plainUnits: Readonly<Record<string, string>> = {
  none: '1',
  short: '1',
  locale: '1',
  string: '1',
  percent: '%',
  bytes: 'By',
  decbytes: 'By',
  Bps: 'By/s',
  binBps: 'By/s',
  bps: 'bit/s',
  binbps: 'bit/s',
  cpm: '1/min',
  cps: '1/s',
  celsius: 'Cel',
  conμgm3: 'ug/m3',
  cms: 'm3/s',
  currencyVND: 'VND',
  degree: 'deg',
  h: 'h',
  d: 'd',
  lengthkm: 'km',
  lengthm: 'm',
  lengthmm: 'mm',
  m3: 'm3',
  pH: '[pH]',
  pressurehpa: 'hPa',
  pressurekpa: 'kPa',
  velocitykmh: 'km/h',
  volt: 'V',
  watt: 'W',
}

/** Units of time that are shown in the largest unit that fits, in ms. */
export const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, dtdurations: 1_000 }

/** Units of a time in ms since 1970. */
export const dateUnits = [
  'dateTimeAsIso',
  'dateTimeAsLocal',
  'dateTimeAsSystem',
  'dateTimeFromNow',
  'time:DD/MM/YYYY',
] as const
export type DateUnit = (typeof dateUnits)[number]

/** A share of 1 that is shown as a percentage. */
export const shareUnit = 'percentunit'

/** Whether the page can show a unit of Grafana's. */
export function isKnownUnit(unit: string): boolean {
  return (
    Object.hasOwn(plainUnits, unit) ||
    Object.hasOwn(durationUnits, unit) ||
    (dateUnits as readonly string[]).includes(unit) ||
    unit === shareUnit ||
    /^(suffix|prefix):/.test(unit)
  )
}
