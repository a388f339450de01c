import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Area } from '@ioc/contract/district/areas.ts'
import { type Outline, OutlinesFile } from '@ioc/contract/district/outlines.ts'
import { Latitude, Longitude } from '@ioc/contract/district/place.ts'
import { shown } from '@ioc/contract/messages/problem.ts'
import { Compile } from 'typebox/compile'
import { type DistrictFileName, readText } from './texts.ts'
import { parseJsonFile, type YamlFile } from './yaml-file.ts'

export const outlinesFileName = 'outlines.geojson' satisfies DistrictFileName

const schema = Compile(OutlinesFile)
const longitude = Compile(Longitude)
const latitude = Compile(Latitude)
/** A ring is closed: a triangle has four positions. */
const minRing = 4

/** The boundaries of areas as their file has them. */
export interface Outlines {
  readonly content: OutlinesFile
  /** Changes with the file: whoever has the outlines of another version reads them again. */
  readonly version: string
}

/**
 * The boundaries as text. `areas` are all that the district lists, in force or not; empty where it names none.
 * @throws IocError DISTRICT_INVALID in one line: file, line, feature, reason
 */
export function parseOutlines(path: string, text: string, areas: readonly Area[]): Outlines {
  const file = parseJsonFile(path, text, schema)
  const seen = new Set<string>()
  for (const [index, { properties, geometry }] of file.content.features.entries()) {
    const { code } = properties
    const at = ['features', index, 'properties', 'code']
    if (seen.has(code)) throw file.fault(at, `${code} has an outline already: join the parts to one MultiPolygon`)
    if (areas.length > 0 && !areas.some((area) => area.code === code))
      throw file.fault(at, `no area ${code} in areas.yaml`)
    seen.add(code)
    checkGeometry(file, index, geometry)
  }
  return { content: file.content, version: createHash('sha256').update(text).digest('hex').slice(0, 16) }
}

/**
 * The outlines of a district's folder; undefined where it has none.
 * @throws IocError DISTRICT_INVALID
 */
export function readOutlines(folder: string): Outlines | undefined {
  const path = join(folder, outlinesFileName)
  const text = readText(path)
  return text === undefined ? undefined : parseOutlines(path, text, [])
}

function checkGeometry(file: YamlFile<OutlinesFile>, index: number, { type, coordinates }: Outline['geometry']): void {
  const at = ['features', index, 'geometry', 'coordinates']
  const list = (value: unknown, place: readonly (string | number)[], min: number, what: string): readonly unknown[] => {
    if (!Array.isArray(value) || value.length < min) throw file.fault(place, `expected ${what}; got ${shown(value)}`)
    return value
  }
  const checkRings = (rings: unknown, place: readonly (string | number)[]): void => {
    for (const [number, ring] of list(rings, place, 1, 'a list of rings, the outer one first').entries()) {
      const positions = list(ring, [...place, number], minRing, `a ring of at least ${minRing} positions`)
      for (const [where, position] of positions.entries()) {
        if (!isPosition(position))
          throw file.fault(
            [...place, number, where],
            `expected [longitude, latitude] in degrees, WGS 84, the longitude first; got ${shown(position)}`,
          )
      }
      if (String(positions[0]) !== String(positions.at(-1)))
        throw file.fault([...place, number], 'the ring does not end at the position where it begins')
    }
  }
  if (type === 'Polygon') {
    checkRings(coordinates, at)
    return
  }
  for (const [number, rings] of list(coordinates, at, 1, 'a list of polygons').entries()) {
    checkRings(rings, [...at, number])
  }
}

function isPosition(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  const [lon, lat] = value as unknown[]
  return longitude.Check(lon) && latitude.Check(lat)
}
