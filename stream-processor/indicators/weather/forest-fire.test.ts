import { defaultParameters } from '@ioc/contract/district/parameters.ts'
import { describe, expect, test } from 'vitest'
import { fireIndex, fireLevelOf, saturationDeficit } from './forest-fire.ts'

const { magnus_constants: magnus } = defaultParameters

describe('forest fire', () => {
  test('the deficit is what saturated air of the temperature lacks', () => {
    expect(saturationDeficit(0, 0, magnus.value)).toBeCloseTo(6.112)
    expect(saturationDeficit(20, 0, magnus.value)).toBeCloseTo(23.33, 1)
    expect(saturationDeficit(30, 50, magnus.value)).toBeCloseTo(42.3 / 2, 1)
    expect(saturationDeficit(30, 100, magnus.value)).toBe(0)
  })

  test('adds up the days since the rain, which is no day of it', () => {
    expect(fireIndex([400, 300, 200, 100], [0, 0, 0, 0], 5)).toBe(1000)
    expect(fireIndex([400, 300, 200, 100], [0, 4.9, 5, 0], 5)).toBe(700)
    expect(fireIndex([400, 300], [5, 0], 5)).toBe(0)
  })

  test('has no value of a day that was not measured, and takes nothing of one before', () => {
    expect(fireIndex([undefined, 300], [0, 0], 5)).toBeUndefined()
    expect(fireIndex([400, undefined, 200], [undefined, undefined, 0], 5)).toBe(600)
    expect(fireIndex([undefined, 300], [20, 0], 5)).toBe(0)
  })

  test.each([
    [0, 1],
    [999, 1],
    [1000, 2],
    [2500, 3],
    [5000, 4],
    [10_000, 5],
    [25_000, 5],
  ])('P = %i is of level %i', (index, level) => {
    expect(fireLevelOf(index, defaultParameters.forest_fire_limits.value)).toBe(level)
  })
})
