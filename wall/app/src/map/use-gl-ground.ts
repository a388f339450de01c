import type { Outline } from '@ioc/contract/district/outlines.ts'
import type { Level } from '@ioc/contract/messages/live.ts'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { GlGround } from './gl-ground.ts'
import type { Camera, Size } from './mercator.ts'
import { mapSources } from './outlines.ts'
import type { MapArea } from './places.ts'
import { type BaseMap, type MapColours, mapStyle, outlineData } from './style.ts'
import { pixelRatioFor, type WebGl, webGlSupport } from './web-gl.ts'

export interface GlGroundProps {
  readonly size: Size
  /** Size of the text, in pixels. */
  readonly em: number
  readonly camera: Camera | undefined
  readonly areas: readonly MapArea[]
  readonly outlines: readonly Outline[]
  readonly dark: boolean
  readonly minZoom: number
  readonly maxZoom: number
  readonly onMove: (camera: Camera) => void
}

/**
 * Draws the ground by WebGL into the element of the reference, once the library is loaded; until then, and where there is
 * no WebGL, `isDrawn` is false.
 */
export function useGlGround({ size, em, camera, areas, outlines, dark, minZoom, maxZoom, onMove }: GlGroundProps) {
  const container = useRef<HTMLDivElement>(null)
  const ground = useRef<GlGround | undefined>(undefined)
  const webGl = useRef<WebGl | undefined>(undefined)
  const ownMove = useRef<Camera | undefined>(undefined)
  const [isDrawn, setDrawn] = useState(false)
  const [base, setBase] = useState<(BaseMap & { readonly attribution: string }) | undefined>(undefined)
  const baseVersion = mapSources.value?.base ?? null
  const isKnown = mapSources.value !== undefined
  const ratioOf = ({ clientWidth, clientHeight }: Element) =>
    pixelRatioFor(webGl.current ?? 'none', clientWidth, clientHeight, devicePixelRatio)
  const levels = new Map<string, Level>(areas.map(({ code, level }) => [code, level]))
  const levelOf = (code: string): Level => levels.get(code) ?? 0
  const levelText = areas.map(({ code, level }) => `${code} ${level}`).join()
  const isReady = camera !== undefined && isKnown
  const newest = useRef({ camera, outlines, levelOf, onMove, em })
  newest.current = { camera, outlines, levelOf, onMove, em }

  useEffect(() => {
    if (!isReady) return undefined
    // Without WebGL the map stays as it is: the same outlines, drawn as SVG.
    webGl.current ??= webGlSupport()
    if (webGl.current === 'none') return undefined
    let isGone = false
    const draw = async (): Promise<void> => {
      const { createGlGround, readBaseMap } = await import('./gl-ground.ts')
      const found = baseVersion === null ? undefined : await readBaseMap(baseUrl(baseVersion))
      const element = container.current
      const { camera: start, outlines, levelOf, em } = newest.current
      if (isGone || !element || !start) return
      setBase(found)
      ground.current = createGlGround({
        container: element,
        camera: start,
        style: mapStyle(outlines, levelOf, coloursOf(element), found, em),
        pixelRatio: ratioOf(element),
        minZoom,
        maxZoom,
        onDrawn: setDrawn,
        onMove(next) {
          ownMove.current = next
          newest.current.onMove(next)
        },
      })
    }
    // WebGL may be refused all the same, as where too many pages use it.
    draw().catch(() => setDrawn(false))
    return () => {
      isGone = true
      ground.current?.remove()
      ground.current = undefined
      setDrawn(false)
    }
  }, [isReady, baseVersion, minZoom, maxZoom])

  useEffect(() => {
    // It moves itself while the viewer drags it: to be told so would stop the movement.
    if (camera && camera !== ownMove.current) ground.current?.show(camera)
  }, [camera])
  useEffect(() => {
    if (container.current) ground.current?.resize(ratioOf(container.current))
  }, [size])
  useEffect(() => {
    ground.current?.setOutlines(outlineData(outlines, levelOf))
  }, [outlines, levelText, isDrawn])
  useEffect(() => {
    if (container.current) ground.current?.setStyle(mapStyle(outlines, levelOf, coloursOf(container.current), base, em))
  }, [dark, em])
  return { ground: container, isDrawn, attribution: isDrawn ? (base?.attribution ?? '') : '' }
}

const baseUrl = (version: string): string => new URL(`/map/base.pmtiles?v=${version}`, location.href).href

/** The colours of the theme that is shown. */
function coloursOf(element: Element): MapColours {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  return {
    ground: colour('--map-ground'),
    area: colour('--map-area'),
    outline: colour('--map-outline'),
    water: colour('--map-water'),
    wood: colour('--map-wood'),
    road: colour('--map-road'),
    levels: [colour('--level-1'), colour('--level-2'), colour('--level-3')],
  }
}
