import type { Level } from '@ioc/contract/messages/live.ts'
import { levelOrder, type PlaceState } from './levels.ts'
import { type Camera, type LonLat, type Pixel, project, type Size } from './mercator.ts'

/** A site or a device on the map. */
export interface MapPlace extends LonLat, PlaceState {
  /** A site, or `site/device`. */
  readonly key: string
  readonly site: string
  readonly name: string
  readonly kind: 'site' | 'camera'
  /** Code of its area, where that is known. */
  readonly area: string | undefined
  /** What a board shows there, such as a value with its unit. */
  readonly note?: string
}

/** An area: its outline is drawn where the district has one, its name at its position. */
export interface MapArea extends LonLat {
  readonly code: string
  readonly name: string
  readonly level: Level
}

/** Places that are too close to each other to be drawn apart; one alone is a cluster as well. */
export interface Cluster extends Pixel {
  /** The worst first. */
  readonly places: readonly MapPlace[]
}

/** The worst first: by level, then what is silent, then by name. */
export const worstFirst = (a: MapPlace, b: MapPlace): number =>
  levelOrder(b) - levelOrder(a) || a.name.localeCompare(b.name, 'vi')

/**
 * Joins places that are closer than `distancePx` on the screen. They come the worst first (`worstFirst`): these keep their
 * positions, so that an abnormal place stays where it is while the normal ones around it join it.
 */
export function clusters(places: readonly MapPlace[], camera: Camera, size: Size, distancePx: number): Cluster[] {
  const found: OpenCluster[] = []
  /** Clusters by squares of the distance: only those of the squares around can be close enough. */
  const squares = new Map<string, OpenCluster[]>()
  for (const place of places) {
    const { x, y } = project(camera, size, place)
    const [column, row] = [Math.floor(x / distancePx), Math.floor(y / distancePx)]
    let nearest: OpenCluster | undefined
    let shortest = distancePx
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        for (const one of squares.get(`${column + dx} ${row + dy}`) ?? []) {
          const distance = Math.hypot(one.x - x, one.y - y)
          if (distance < shortest) [nearest, shortest] = [one, distance]
        }
      }
    }
    if (nearest) {
      nearest.places.push(place)
      continue
    }
    const own = { x, y, places: [place] }
    found.push(own)
    const square = `${column} ${row}`
    squares.set(square, [...(squares.get(square) ?? []), own])
  }
  return found
}

type OpenCluster = Pixel & { readonly places: MapPlace[] }
