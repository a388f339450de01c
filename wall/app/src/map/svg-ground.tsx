import type { Outline } from '@ioc/contract/district/outlines.ts'
import { type Camera, project, type Size } from './mercator.ts'
import { ringsOf } from './outlines.ts'
import type { MapArea } from './places.ts'

/** The width of the world in which paths are written, in units: a hundredth of a metre is a unit or so. */
const pathWorldPx = 2 ** 32

/**
 * The ground of the map without WebGL, and on paper: the same areas and outlines, in the same place. A path is written
 * once; moving the map moves the group around it.
 */
export function SvgGround({ outlines, areas, camera, size, isShown }: SvgGroundProps) {
  const origin = { lon: camera.lon, lat: camera.lat }
  const anchor = outlines[0] ? anchorOf(outlines[0]) : origin
  const { x, y } = project(camera, size, anchor)
  const scale = camera.worldPx / pathWorldPx
  const levels = new Map(areas.map(({ code, level }) => [code, level]))
  // What is abnormal is drawn last: its outline lies above that of its neighbours.
  const ordered = [...outlines].sort((a, b) => levelIn(levels, a) - levelIn(levels, b))
  return (
    <svg class="map-svg" width={size.width} height={size.height} aria-hidden="true" data-shown={isShown}>
      <g transform={`translate(${x} ${y}) scale(${scale})`}>
        {ordered.map((outline) => (
          <path
            key={outline.properties.code}
            class="map-area"
            data-level={levelIn(levels, outline)}
            d={pathOf(outline, anchor)}
            fill-rule="evenodd"
            vector-effect="non-scaling-stroke"
          />
        ))}
      </g>
    </svg>
  )
}

export interface SvgGroundProps {
  readonly outlines: readonly Outline[]
  readonly areas: readonly MapArea[]
  readonly camera: Camera
  readonly size: Size
  /** On the screen; on paper it always is. */
  readonly isShown: boolean
}

const levelIn = (levels: ReadonlyMap<string, number>, { properties }: Outline): number =>
  levels.get(properties.code) ?? 0

const anchorOf = (outline: Outline) => {
  const [[[lon = 0, lat = 0] = []] = []] = ringsOf(outline)
  return { lon, lat }
}

const paths = new WeakMap<Outline, { readonly from: string; readonly path: string }>()

/** Relative to an anchor nearby, so that a renderer of single precision draws it exactly. */
function pathOf(outline: Outline, anchor: { readonly lon: number; readonly lat: number }): string {
  const from = `${anchor.lon} ${anchor.lat}`
  const known = paths.get(outline)
  if (known?.from === from) return known.path
  const camera = { ...anchor, worldPx: pathWorldPx }
  const noSize = { width: 0, height: 0 }
  const path = ringsOf(outline)
    .map((ring) => {
      const points = ring.map(([lon = 0, lat = 0]) => project(camera, noSize, { lon, lat }))
      return `M${points.map(({ x, y }) => `${Math.round(x)},${Math.round(y)}`).join('L')}Z`
    })
    .join('')
  paths.set(outline, { from, path })
  return path
}
