/**
 * The index P of forest-fire danger, of Phạm Ngọc Hưng (1988) after Nesterov: `P = K · Σ t13·d13` over the days since it
 * rained; `K` is 0 on a day of rain, else 1.
 */

/** How many days it looks back at most. */
export const maxDays = 60

/** Names and colours of the levels I to V. */
export const fireLevels = [
  { title: { vi: 'I Thấp', en: 'I Low' }, colour: [0, 150, 60] },
  { title: { vi: 'II Trung bình', en: 'II Moderate' }, colour: [0, 110, 200] },
  { title: { vi: 'III Cao', en: 'III High' }, colour: [255, 220, 0] },
  { title: { vi: 'IV Nguy hiểm', en: 'IV Dangerous' }, colour: [255, 126, 0] },
  { title: { vi: 'V Cực kỳ nguy hiểm', en: 'V Extremely dangerous' }, colour: [220, 0, 0] },
] as const

/**
 * The level of an index, 1 to 5.
 * @param limits the index from which each of the levels II to V begins
 */
export function fireLevelOf(index: number, limits: readonly number[]): number {
  return 1 + limits.filter((limit) => index >= limit).length
}

/**
 * What the air could take up of water, in mb: `es · (1 − RH ÷ 100)`, with the pressure of saturation
 * `es = a · exp(b·t ÷ (c + t))` of Magnus.
 * @param temperature in °C
 * @param humidity in per cent
 * @param constants a, in hPa, b and c, in °C
 */
export function saturationDeficit(temperature: number, humidity: number, constants: readonly number[]): number {
  const [a = 0, b = 0, c = 0] = constants
  const saturation = a * Math.exp((b * temperature) / (c + temperature))
  return saturation * (1 - humidity / 100)
}

/**
 * The index of a day. A day of which nothing is known adds nothing, so that the index is at least what it says.
 * @param drying t13·d13 of each day, in °C·mb, the newest first
 * @param rain of each day, in mm
 * @param resetMm rain of a day from which the sum begins again, in mm
 */
export function fireIndex(
  drying: readonly (number | undefined)[],
  rain: readonly (number | undefined)[],
  resetMm: number,
): number | undefined {
  const wet = rain.findIndex((mm = 0) => mm >= resetMm)
  if (wet === 0) return 0
  if (drying[0] === undefined) return undefined
  return drying.slice(0, wet === -1 ? maxDays : wet).reduce<number>((sum, day = 0) => sum + day, 0)
}
