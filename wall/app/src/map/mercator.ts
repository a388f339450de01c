/** Degrees, WGS 84. */
export interface LonLat {
  readonly lon: number
  readonly lat: number
}

/** A point on the screen, in CSS pixels from the top left corner of the map. */
export interface Pixel {
  readonly x: number
  readonly y: number
}

/** Width and height of the map, in CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** What the map shows: the point at its centre, and the width of the whole world in pixels. */
export interface Camera extends LonLat {
  readonly worldPx: number
}

export interface Bounds {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** Where Web Mercator ends. */
const maxLatitude = 85.051129
const radians = Math.PI / 180
/** Pixels of the world at zoom 0, as MapLibre counts. */
const tilePx = 512

/** Web Mercator: the world is a square from 0 to 1, with north at the top. */
const worldX = (lon: number): number => lon / 360 + 0.5
const worldY = (lat: number): number => {
  const sin = Math.sin(Math.min(Math.max(lat, -maxLatitude), maxLatitude) * radians)
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)
}
const latitudeOf = (y: number): number => Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) / radians

export const zoomOf = ({ worldPx }: Camera): number => Math.log2(worldPx / tilePx)
export const worldPxAt = (zoom: number): number => tilePx * 2 ** zoom

/** Where a place is on the screen. */
export function project(camera: Camera, { width, height }: Size, { lon, lat }: LonLat): Pixel {
  return {
    x: (worldX(lon) - worldX(camera.lon)) * camera.worldPx + width / 2,
    y: (worldY(lat) - worldY(camera.lat)) * camera.worldPx + height / 2,
  }
}

/** The smallest bounds around places; undefined around none. */
export function boundsOf(places: Iterable<LonLat>): Bounds | undefined {
  const bounds = { west: 180, south: 90, east: -180, north: -90 }
  let isEmpty = true
  for (const { lon, lat } of places) {
    isEmpty = false
    bounds.west = Math.min(bounds.west, lon)
    bounds.east = Math.max(bounds.east, lon)
    bounds.south = Math.min(bounds.south, lat)
    bounds.north = Math.max(bounds.north, lat)
  }
  return isEmpty ? undefined : bounds
}

/** The camera that shows all of the bounds, with a margin in pixels, and at most `maxZoom`. */
export function cameraAround(bounds: Bounds, { width, height }: Size, marginPx: number, maxZoom: number): Camera {
  const [top, bottom] = [worldY(bounds.north), worldY(bounds.south)]
  const across = (worldX(bounds.east) - worldX(bounds.west)) / Math.max(1, width - 2 * marginPx)
  const down = (bottom - top) / Math.max(1, height - 2 * marginPx)
  const worldPx = Math.min(1 / Math.max(across, down, Number.MIN_VALUE), worldPxAt(maxZoom))
  return { lon: (bounds.west + bounds.east) / 2, lat: latitudeOf((top + bottom) / 2), worldPx }
}

/** The camera after zooming by a factor around the centre. */
export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, worldPx: camera.worldPx * factor }
}
