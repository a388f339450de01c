import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { expect, test } from 'vitest'
import { dewPoint, heatIndex } from './comfort.ts'

const { magnus_constants: magnus } = defaultParameters

/** The table of the National Weather Service, in °F: air, humidity, how hot it feels. */
test.each([
  [80, 40, 80],
  [84, 60, 88],
  [90, 50, 95],
  [90, 70, 105],
  [96, 50, 108],
  [100, 55, 124],
  [110, 40, 136],
  [86, 90, 105],
])('air of %i °F and %i %% feels like %i °F', (air, humidity, felt) => {
  const celsius = heatIndex(((air - 32) * 5) / 9, humidity)
  expect(Math.abs((celsius * 9) / 5 + 32 - felt)).toBeLessThan(1.3)
})

test('cool air feels about as it is', () => {
  expect(Math.abs(heatIndex(20, 60) - 20)).toBeLessThan(1)
})

test('the dew point is where the pressure of saturation is that of the vapour', () => {
  const saturation = (t: number) => 6.112 * Math.exp((17.62 * t) / (243.12 + t))
  for (const [t, rh] of [
    [20, 50],
    [30, 80],
    [5, 95],
    [25, 100],
  ] as const) {
    expect(saturation(dewPoint(t, rh, magnus.value))).toBeCloseTo((saturation(t) * rh) / 100)
  }
  // Psychrometric tables: 20 °C and 50 % → 9.3 °C.
  expect(dewPoint(20, 50, magnus.value)).toBeCloseTo(9.3, 1)
})
