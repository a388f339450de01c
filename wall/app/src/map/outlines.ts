import type { Outline, OutlinesFile } from '@ioc/contract/district/outlines.ts'
import type { ApiMapSources } from '@ioc/contract/messages/api.ts'
import { effect, signal } from '@preact/signals'
import { areas } from '../state.ts'
import type { LonLat } from './mercator.ts'

/** Rings of one or more polygons, as [longitude, latitude]. */
export type Rings = readonly (readonly (readonly number[])[])[]

/** What the server has for the map; undefined: it has not answered yet. */
export const mapSources = signal<ApiMapSources | undefined>(undefined)
/** The outlines of the areas; empty where there are none. */
export const outlines = signal<readonly Outline[]>([])

let isLoading = false
let version: string | null = null

/** Reads what the map is drawn from, and again whenever the server sends the district anew. */
export function loadMap(): void {
  if (isLoading) return
  isLoading = true
  effect(() => {
    // The server sends the district when it changes and after each connection.
    areas.value
    void read()
  })
}

async function read(): Promise<void> {
  try {
    const sources = (await get('/map/sources')) as ApiMapSources
    if (sources.outlines !== version) {
      const file = sources.outlines && ((await get(`/map/outlines?v=${sources.outlines}`)) as OutlinesFile)
      outlines.value = file ? file.features : []
      version = sources.outlines
    }
    mapSources.value = sources
  } catch {
    // The map is drawn with what it has; the next connection brings the district, and another attempt.
  }
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

/** The rings of an outline, of all its polygons. */
export function ringsOf({ geometry }: Outline): Rings {
  return geometry.type === 'Polygon' ? (geometry.coordinates as Rings) : (geometry.coordinates as Rings[]).flat()
}

/** Every position of an outline. */
export function* positionsOf(outline: Outline): Iterable<LonLat> {
  for (const ring of ringsOf(outline)) for (const [lon = 0, lat = 0] of ring) yield { lon, lat }
}
