/** A unit as `factor · base + offset`. Units of one base can be converted. */
interface Unit {
  readonly base: string
  readonly factor: number
  readonly offset?: number
}

/** Units of sources that differ from those of the device types, in UCUM's spelling and in that of data sheets. */
const units: Readonly<Record<string, Unit>> = {
  Cel: { base: 'K', factor: 1, offset: 273.15 },
  '°C': { base: 'K', factor: 1, offset: 273.15 },
  '[degF]': { base: 'K', factor: 5 / 9, offset: 459.67 * (5 / 9) },
  '°F': { base: 'K', factor: 5 / 9, offset: 459.67 * (5 / 9) },
  K: { base: 'K', factor: 1 },
  W: { base: 'W', factor: 1 },
  kW: { base: 'W', factor: 1e3 },
  MW: { base: 'W', factor: 1e6 },
  'W.h': { base: 'W.h', factor: 1 },
  Wh: { base: 'W.h', factor: 1 },
  'kW.h': { base: 'W.h', factor: 1e3 },
  kWh: { base: 'W.h', factor: 1e3 },
  mV: { base: 'V', factor: 1e-3 },
  V: { base: 'V', factor: 1 },
  kV: { base: 'V', factor: 1e3 },
  mA: { base: 'A', factor: 1e-3 },
  A: { base: 'A', factor: 1 },
  Pa: { base: 'Pa', factor: 1 },
  hPa: { base: 'Pa', factor: 100 },
  mbar: { base: 'Pa', factor: 100 },
  kPa: { base: 'Pa', factor: 1e3 },
  bar: { base: 'Pa', factor: 1e5 },
  'm/s': { base: 'm/s', factor: 1 },
  'km/h': { base: 'm/s', factor: 1 / 3.6 },
  mm: { base: 'm', factor: 1e-3 },
  cm: { base: 'm', factor: 1e-2 },
  m: { base: 'm', factor: 1 },
  km: { base: 'm', factor: 1e3 },
  L: { base: 'L', factor: 1 },
  m3: { base: 'L', factor: 1e3 },
  'L/s': { base: 'L/s', factor: 1 },
  'm3/s': { base: 'L/s', factor: 1e3 },
  'm3/h': { base: 'L/s', factor: 1 / 3.6 },
  'ug/m3': { base: 'ug/m3', factor: 1 },
  'µg/m3': { base: 'ug/m3', factor: 1 },
  'mg/m3': { base: 'ug/m3', factor: 1e3 },
  'mg/L': { base: 'mg/L', factor: 1 },
  'ug/L': { base: 'mg/L', factor: 1e-3 },
  '1': { base: '1', factor: 1 },
  '%': { base: '1', factor: 0.01 },
  ms: { base: 's', factor: 1e-3 },
  s: { base: 's', factor: 1 },
  min: { base: 's', factor: 60 },
  h: { base: 's', factor: 3600 },
  d: { base: 's', factor: 86_400 },
  By: { base: 'By', factor: 1 },
  B: { base: 'By', factor: 1 },
  kB: { base: 'By', factor: 1e3 },
  KiB: { base: 'By', factor: 1024 },
  MB: { base: 'By', factor: 1e6 },
  MiB: { base: 'By', factor: 1_048_576 },
  GB: { base: 'By', factor: 1e9 },
  GiB: { base: 'By', factor: 1_073_741_824 },
  'By/s': { base: 'By/s', factor: 1 },
  'bit/s': { base: 'By/s', factor: 0.125 },
  'kbit/s': { base: 'By/s', factor: 125 },
  'Mbit/s': { base: 'By/s', factor: 125_000 },
}

/** Converts values of one unit to another; `undefined` where they do not measure the same. */
export function conversion(from: string, to: string): ((value: number) => number) | undefined {
  if (from === to) return (value) => value
  const [source, target] = [units[from], units[to]]
  if (!source || !target || source.base !== target.base) return undefined
  return (value) => (value * source.factor + (source.offset ?? 0) - (target.offset ?? 0)) / target.factor
}
