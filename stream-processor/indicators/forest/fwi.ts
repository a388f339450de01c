/**
 * The Canadian Forest Fire Weather Index System: Van Wagner & Pickett (1985), Equations and FORTRAN program for the
 * Canadian Forest Fire Weather Index System, Forestry Technical Report 33. Numbers of equations are those of the report.
 */

/** The weather at noon, local standard time. */
export interface NoonWeather {
  /** In °C. */
  readonly temperature: number
  /** Relative, in per cent. */
  readonly humidity: number
  /** In km/h. */
  readonly wind: number
  /** Of the 24 hours before noon, in mm. */
  readonly rain: number
}

/** How dry three layers of the ground are, of which each day's follows from the day before. */
export interface MoistureCodes {
  /** Fine Fuel Moisture Code: litter. */
  readonly ffmc: number
  /** Duff Moisture Code: loosely compacted duff. */
  readonly dmc: number
  /** Drought Code: deep, compact organic matter. */
  readonly dc: number
}

/** How long the sun dries the ground in each month, January first. */
export interface DayLengths {
  /** Effective day length of the DMC, in h. */
  readonly hours: readonly number[]
  /** Day-length factor of the DC. */
  readonly factors: readonly number[]
}

/** The codes from which a season begins. */
export const startCodes: MoistureCodes = { ffmc: 85, dmc: 6, dc: 15 }

/** The codes of a day. @param month 0 to 11 */
export function nextCodes(before: MoistureCodes, weather: NoonWeather, month: number, lengths: DayLengths) {
  const { hours, factors } = lengths
  return {
    ffmc: fineFuelCode(before.ffmc, weather),
    dmc: duffCode(before.dmc, weather, hours[month] ?? 0),
    dc: droughtCode(before.dc, weather, factors[month] ?? 0),
  }
}

/**
 * The codes of a day from those before it, begun with the codes of a season's start. A day that was not measured leaves
 * the codes as they are; where the newest was not, there are none.
 * @param days the newest first
 * @param monthOf of the day so many days back, 0 to 11
 */
export function codesOf(
  days: readonly (NoonWeather | undefined)[],
  monthOf: (back: number) => number,
  lengths: DayLengths,
): MoistureCodes | undefined {
  if (days[0] === undefined) return undefined
  return days.reduceRight<MoistureCodes>(
    (codes, weather, back) => (weather ? nextCodes(codes, weather, monthOf(back), lengths) : codes),
    startCodes,
  )
}

function fineFuelCode(before: number, { temperature, humidity, wind, rain }: NoonWeather): number {
  const wetted = wettedLitter(moistureOf(before), rain)
  const common = 0.18 * (21.1 - temperature) * (1 - Math.exp(-0.115 * humidity))
  // Equations 4 and 5: the moisture at which litter that dries, and litter that takes up water, comes to rest.
  const dryTo = 0.942 * humidity ** 0.679 + 11 * Math.exp((humidity - 100) / 10) + common
  const wetTo = 0.618 * humidity ** 0.753 + 10 * Math.exp((humidity - 100) / 10) + common
  // Equations 6 and 7: how fast it does so, of the share of the air that takes up or gives off water.
  const speed = (share: number) =>
    (0.424 * (1 - share ** 1.7) + 0.0694 * Math.sqrt(wind) * (1 - share ** 8)) * 0.581 * Math.exp(0.0365 * temperature)
  const dry = humidity / 100
  let moisture = wetted
  if (wetted > dryTo) moisture = dryTo + (wetted - dryTo) * 10 ** -speed(dry)
  else if (wetted < wetTo) moisture = wetTo - (wetTo - wetted) * 10 ** -speed(1 - dry)
  return between(0, (59.5 * (250 - moisture)) / (147.2 + moisture), 101)
}

/** Equation 1: the moisture of the litter in per cent of its dry weight. */
function moistureOf(ffmc: number): number {
  return (147.2 * (101 - ffmc)) / (59.5 + ffmc)
}

/** Equations 2 and 3. The crowns keep half a millimetre. */
function wettedLitter(moisture: number, rain: number): number {
  const fallen = rain - 0.5
  if (fallen <= 0) return moisture
  const taken = 42.5 * fallen * Math.exp(-100 / (251 - moisture)) * (1 - Math.exp(-6.93 / fallen))
  const more = moisture > 150 ? 0.0015 * (moisture - 150) ** 2 * Math.sqrt(fallen) : 0
  return Math.min(250, moisture + taken + more)
}

function duffCode(before: number, { temperature, humidity, rain }: NoonWeather, dayLengthH: number): number {
  // Equation 16.
  const drying = 1.894e-4 * (Math.max(-1.1, temperature) + 1.1) * (100 - humidity) * dayLengthH
  return Math.max(0, wettedDuff(before, rain)) + drying
}

/** Equations 11 to 15. */
function wettedDuff(before: number, rain: number): number {
  if (rain <= 1.5) return before
  const effective = 0.92 * rain - 1.27
  const moisture = 20 + Math.exp(5.6348 - before / 43.43)
  const slope = slopeOf(before)
  const wetted = moisture + (1000 * effective) / (48.77 + slope * effective)
  return 244.72 - 43.43 * Math.log(wetted - 20)
}

/** Equation 13. */
function slopeOf(dmc: number): number {
  if (dmc <= 33) return 100 / (0.5 + 0.3 * dmc)
  return dmc <= 65 ? 14 - 1.3 * Math.log(dmc) : 6.2 * Math.log(dmc) - 17.2
}

function droughtCode(before: number, { temperature, rain }: NoonWeather, factor: number): number {
  // Equation 22, of which a half counts.
  const evaporation = Math.max(0, 0.36 * (Math.max(-2.8, temperature) + 2.8) + factor)
  return Math.max(0, wettedDeep(before, rain)) + evaporation / 2
}

/** Equations 18 to 21. */
function wettedDeep(before: number, rain: number): number {
  if (rain <= 2.8) return before
  const moisture = 800 * Math.exp(-before / 400) + 3.937 * (0.83 * rain - 1.27)
  return 400 * Math.log(800 / moisture)
}

/** Initial Spread Index, equations 24 to 26: how fast a fire would spread. @param wind in km/h */
export function initialSpread(ffmc: number, wind: number): number {
  const moisture = moistureOf(ffmc)
  const fuel = 91.9 * Math.exp(-0.1386 * moisture) * (1 + moisture ** 5.31 / 4.93e7)
  return 0.208 * Math.exp(0.05039 * wind) * fuel
}

/** Buildup Index, equation 27: how much there is to burn. */
export function buildUp(dmc: number, dc: number): number {
  if (dmc === 0) return 0
  if (dmc <= 0.4 * dc) return (0.8 * dmc * dc) / (dmc + 0.4 * dc)
  return Math.max(0, dmc - (1 - (0.8 * dc) / (dmc + 0.4 * dc)) * (0.92 + (0.0114 * dmc) ** 1.7))
}

/** Fire Weather Index, equations 28 to 30: how intense a fire would be. */
export function fireWeather(isi: number, bui: number): number {
  const fuel = bui <= 80 ? 0.626 * bui ** 0.809 + 2 : 1000 / (25 + 108.64 * Math.exp(-0.023 * bui))
  const intensity = 0.1 * isi * fuel
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: as equation 30 of the report has it
  return intensity <= 1 ? intensity : Math.exp(2.72 * (0.434 * Math.log(intensity)) ** 0.647)
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
