/**
 * How hot it feels in the shade, in °C: the heat index of the U.S. National Weather Service, Rothfusz (1990), Technical
 * Attachment SR 90-23, with its adjustments.
 * @param temperature in °C
 * @param humidity in per cent
 */
export function heatIndex(temperature: number, humidity: number): number {
  const t = (temperature * 9) / 5 + 32
  const simple = 0.5 * (t + 61 + (t - 68) * 1.2 + humidity * 0.094)
  if ((simple + t) / 2 < 80) return toCelsius(simple)
  const full =
    -42.379 +
    2.04901523 * t +
    10.14333127 * humidity -
    0.22475541 * t * humidity -
    6.83783e-3 * t ** 2 -
    5.481717e-2 * humidity ** 2 +
    1.22874e-3 * t ** 2 * humidity +
    8.5282e-4 * t * humidity ** 2 -
    1.99e-6 * t ** 2 * humidity ** 2
  return toCelsius(full + adjustment(t, humidity))
}

/** Dry heat feels less hot, humid warmth hotter. @param t in °F */
function adjustment(t: number, humidity: number): number {
  if (humidity < 13 && t >= 80 && t <= 112) return -((13 - humidity) / 4) * Math.sqrt((17 - Math.abs(t - 95)) / 17)
  if (humidity > 85 && t >= 80 && t <= 87) return ((humidity - 85) / 10) * ((87 - t) / 5)
  return 0
}

const toCelsius = (fahrenheit: number): number => ((fahrenheit - 32) * 5) / 9

/**
 * The temperature at which the air would be saturated, in °C, by the equation of Magnus.
 * @param constants a, in hPa, b and c, in °C
 */
export function dewPoint(temperature: number, humidity: number, constants: readonly number[]): number {
  const [, b = 0, c = 0] = constants
  const gamma = Math.log(humidity / 100) + (b * temperature) / (c + temperature)
  return (c * gamma) / (b - gamma)
}
