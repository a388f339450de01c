import 'maplibre-gl/dist/maplibre-gl.css'
import {
  type AddProtocolResponseData,
  addProtocol,
  type GeoJSONSource,
  Map as GlMap,
  type StyleSpecification,
  setWorkerUrl,
} from 'maplibre-gl'
// A file of our own: the content security policy allows no worker from a blob.
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import { PMTiles, Protocol, TileType } from 'pmtiles'
import { type Camera, worldPxAt, zoomOf } from './mercator.ts'
import { type BaseMap, type OutlineData, outlineSource } from './style.ts'

/** The ground of the map, drawn by WebGL: areas, outlines, and the base map. */
export interface GlGround {
  show(camera: Camera): void
  setStyle(style: StyleSpecification): void
  setOutlines(data: OutlineData): void
  resize(pixelRatio: number): void
  remove(): void
}

export interface GlGroundParts {
  readonly container: HTMLElement
  readonly camera: Camera
  readonly style: StyleSpecification
  readonly pixelRatio: number
  readonly minZoom: number
  readonly maxZoom: number
  /** The viewer moves the map. */
  readonly onMove: (camera: Camera) => void
  /** It is drawn; or WebGL is lost, until it is drawn again. */
  readonly onDrawn: (isDrawn: boolean) => void
}

let isPrepared = false
const tiles = new Protocol()

function prepare(): void {
  if (isPrepared) return
  isPrepared = true
  setWorkerUrl(new URL(workerUrl, location.href).href)
  addProtocol('pmtiles', async (request, abort) => {
    const { data } = await tiles.tilev4(request, abort)
    return { data: data as AddProtocolResponseData }
  })
}

/**
 * Draws the ground into an element. Throws where the browser has no WebGL.
 */
export function createGlGround(parts: GlGroundParts): GlGround {
  const { container, camera, style, pixelRatio, minZoom, maxZoom, onMove, onDrawn } = parts
  prepare()
  const map = new GlMap({
    container,
    style,
    pixelRatio,
    center: [camera.lon, camera.lat],
    zoom: zoomOf(camera),
    minZoom,
    maxZoom,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    // The list of places is what a keyboard reaches, and the buttons.
    keyboard: false,
    renderWorldCopies: false,
    fadeDuration: 0,
    trackResize: false,
  })
  map.touchZoomRotate.disableRotation()
  // Markers lie above the canvas, and the list beside it.
  map.getCanvas().tabIndex = -1
  /** While the page moves the map: the library reports that as a movement too. */
  let isQuiet = false
  const quietly = (change: () => void): void => {
    isQuiet = true
    change()
    isQuiet = false
  }
  map.on('move', () => {
    if (isQuiet) return
    const { lng, lat } = map.getCenter()
    onMove({ lon: lng, lat, worldPx: worldPxAt(map.getZoom()) })
  })
  // A tile that is missing is drawn as ground; without a listener the library logs each of them.
  map.on('error', () => undefined)
  map.once('load', () => onDrawn(true))
  map.on('webglcontextlost', () => onDrawn(false))
  map.on('webglcontextrestored', () => onDrawn(true))
  return {
    show: (next) => quietly(() => map.jumpTo({ center: [next.lon, next.lat], zoom: zoomOf(next) })),
    setStyle: (next) => void map.setStyle(next),
    setOutlines: (data) => void map.getSource<GeoJSONSource>(outlineSource)?.setData(data),
    resize: (pixelRatio) =>
      quietly(() => {
        map.setPixelRatio(pixelRatio)
        map.resize()
      }),
    remove: () => map.remove(),
  }
}

/** What kind of base map a file is, and who is to be named; undefined: it is not one that can be drawn. */
export async function readBaseMap(url: string): Promise<(BaseMap & { readonly attribution: string }) | undefined> {
  try {
    const file = new PMTiles(url)
    tiles.add(file)
    const [{ tileType }, metadata] = await Promise.all([file.getHeader(), file.getMetadata()])
    const { attribution = '' } = metadata as { attribution?: string }
    const kind = tileType === TileType.Mvt ? 'vector' : 'raster'
    return { url: `pmtiles://${url}`, kind, attribution: textOf(attribution) }
  } catch {
    return undefined
  }
}

/** The text of HTML: links of a base map lead to pages that a wall cannot reach. */
function textOf(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent ?? ''
}
