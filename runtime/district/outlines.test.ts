import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Area } from '@ioc/contract/district/areas.ts'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { loadDistrict } from './district.ts'
import { parseOutlines, readOutlines } from './outlines.ts'

const shipped = join(import.meta.dirname, '../../district')
const logger = createLogger('stream-processor', { logLevel: 'silent' })
const area = { code: 'N1' } as Area
const square = [
  [106.5, 8.6],
  [106.7, 8.6],
  [106.7, 8.8],
  [106.5, 8.6],
]
const outline = (code: unknown, coordinates: unknown = [square], type = 'Polygon') => ({
  type: 'Feature',
  properties: { code },
  geometry: { type, coordinates },
})
const fileOf = (...features: readonly object[]) => JSON.stringify({ type: 'FeatureCollection', features }, null, 1)
const parse = (text: string) => parseOutlines('/d/outlines.geojson', text, [area])
const problemOf = (text: string): string => {
  try {
    parse(text)
  } catch (error) {
    return (error as Error).message
  }
  return 'valid'
}

describe('outlines of areas', () => {
  test('that are shipped are those of the areas in force, approximate, and each has its area’s position inside its box', () => {
    const now = Date.parse('2026-01-15T00:00:00Z')
    const { described } = loadDistrict({ district: shipped, exampleSites: false }, now, logger)
    const outlines = readOutlines(shipped)
    expect(described.outlines).toBe(outlines?.version)
    const features = outlines?.content.features ?? []
    expect(features.map(({ properties: { code } }) => code).sort()).toEqual(described.areas.map(({ code }) => code))
    for (const { properties, geometry } of features) {
      expect(properties.approximate).toBe(true)
      const of = described.areas.find(({ code }) => code === properties.code)
      const positions = geometry.coordinates.flat() as [number, number][]
      for (const [index, value] of [of?.lon, of?.lat].entries()) {
        const all = positions.map((position) => position[index] ?? Number.NaN)
        expect(value).toBeGreaterThan(Math.min(...all))
        expect(value).toBeLessThan(Math.max(...all))
      }
    }
  })

  test('of several parts, with holes, heights and members of other programs, are valid', () => {
    const high = square.map((position) => [...position, 900])
    const more = {
      bbox: [106, 8, 107, 9],
      crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:OGC:1.3:CRS84' } },
    }
    const file = {
      ...more,
      type: 'FeatureCollection',
      features: [outline('N1', [[high, square], [square]], 'MultiPolygon')],
    }
    expect(problemOf(JSON.stringify(file))).toBe('valid')
    expect(problemOf(fileOf())).toBe('valid')
  })

  test('have another version when the file changes', () => {
    expect(parse(fileOf()).version).not.toBe(parse(fileOf(outline('N1'))).version)
  })

  const open = [...square.slice(0, 3), [106.5, 8.7]]
  const swapped = square.map(([lon, lat]) => [lat, lon])
  test.each([
    ['no JSON', '{"type": "FeatureCollection",\n "features": [,]}', /line 2: Unexpected/],
    ['a comma after the last feature', fileOf(outline('N1')).replace(/\]\s*\}$/, ',]}'), /outlines.geojson: .*JSON/],
    ['cut off', '{"type": "FeatureCollection",\n "features": [', /outlines.geojson, line 2: /],
    ['another type', '{"type":"Feature"}', /line 1: (type: expected "FeatureCollection"|missing field features)/],
    [
      'a code that is a number',
      fileOf(outline(24931)),
      /line 7: features\[0\].properties.code: expected the code of an area/,
    ],
    ['a code of no area', fileOf(outline('X')), /line 7: features\[0\].properties.code: no area X in areas.yaml/],
    ['a code twice', fileOf(outline('N1'), outline('N1')), /features\[1\].properties.code: N1 has an outline already/],
    ['a line', fileOf(outline('N1', square, 'LineString')), /geometry.type: expected "Polygon" or "MultiPolygon"; got/],
    ['an open ring', fileOf(outline('N1', [open])), /coordinates\[0\]: the ring does not end/],
    ['too few positions', fileOf(outline('N1', [square.slice(0, 3)])), /expected a ring of at least 4 positions/],
    ['latitude first', fileOf(outline('N1', [swapped])), /coordinates\[0\]\[0\]: expected \[longitude, latitude\]/],
    ['metres of VN-2000', fileOf(outline('N1', [square.map(() => [571_000, 1_302_000])])), /degrees, WGS 84/],
    ['a ring in place of rings', fileOf(outline('N1', square)), /expected a ring of at least 4 positions; got/],
    [
      'a text in a position',
      fileOf(outline('N1', [[['a', 1], ...square.slice(1)]])),
      /expected \[longitude, latitude\]/,
    ],
    ['no polygon', fileOf(outline('N1', [], 'MultiPolygon')), /expected a list of polygons; got/],
  ])('are refused with %s', (_what, text, problem) => {
    expect(problemOf(text)).toMatch(problem)
    expect(problemOf(text)).not.toContain('\n')
  })

  test('of the shipped file name the line where one coordinate is wrong', () => {
    const text = readFileSync(join(shipped, 'outlines.geojson'), 'utf8').replace(
      '[108.5163, 11.8228]',
      '[11.8228, 108.5163]',
    )
    expect(() => parseOutlines('o', text, [])).toThrow(/^o, line 5: features\[1\].geometry.coordinates\[0\]\[0\]/)
  })
})
