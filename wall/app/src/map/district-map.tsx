import './map.css'
import type { Outline } from '@ioc/contract/district/outlines.ts'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { abbreviated } from '../panels/names.ts'
import { isDark } from '../preferences.ts'
import { placeLabels } from './labels.ts'
import { levelOrder, lookOf } from './levels.ts'
import {
  boundsOf,
  type Camera,
  cameraAround,
  type LonLat,
  type Pixel,
  project,
  type Size,
  zoomed,
  zoomOf,
} from './mercator.ts'
import { positionsOf } from './outlines.ts'
import { PlaceList } from './place-list.tsx'
import { PlacePanel } from './place-panel.tsx'
import { type Cluster, clusters, type MapArea, type MapPlace, worstFirst } from './places.ts'
import { Shape } from './shape.tsx'
import { stateOf } from './state-text.ts'
import { SvgGround } from './svg-ground.tsx'
import { forgetWidths, textWidth } from './text-width.ts'
import { useGlGround } from './use-gl-ground.ts'
import { mapWord } from './words.ts'

export interface DistrictMapProps {
  readonly areas: readonly MapArea[]
  readonly outlines: readonly Outline[]
  readonly places: readonly MapPlace[]
  /** Where the map begins; with everything in it by default. */
  readonly focus?: LonLat
  /** What the panel of a place shows below its name and level. */
  readonly details?: (place: MapPlace) => ComponentChildren
}

/** Sizes in units of the text of the page. */
const clusterEm = 1.35
const marginEm = 1.6
const labelEm = 0.85
const areaLabelEm = 1
/** A line of text. */
const lineEm = 1.2
const gapEm = 0.85
/** Half of a mark, and the number beside that of several. */
const markEm = 0.6
const countEm = 0.5
/** The buttons at the right edge, which no label may lie under: their size with their distance from the edge. */
const buttonEm = 2.2
const buttonCount = 4
/** A single place is not shown closer than this zoom, a street or two. */
const maxFitZoom = 13
const minZoom = 7
/** Of a map around one place: it and its neighbours. */
const focusZoom = 11.5
const maxZoom = 17
/** A step of the buttons. */
const zoomStep = 1.6

/** What slides over the map. */
type Opened =
  | { readonly kind: 'list'; readonly keys?: ReadonlySet<string> }
  | { readonly kind: 'place'; readonly key: string }

/**
 * The map of the district: areas with their names, sites and cameras in grey while all is well, in the shape and colour of
 * their level where it is not. It fills the box that it is in.
 */
export function DistrictMap({ areas, outlines, places, focus, details }: DistrictMapProps) {
  const box = useRef<HTMLElement>(null)
  const { size, em } = useSize(box)
  const [moved, setMoved] = useState<Camera | undefined>(undefined)
  const [opened, setOpened] = useState<Opened | undefined>(undefined)
  const [pointed, setPointed] = useState<string | undefined>(undefined)
  const known = useMemo(() => new Set(areas.map(({ code }) => code)), [areas])
  const drawn = useMemo(() => outlines.filter(({ properties }) => known.has(properties.code)), [outlines, known])
  const sorted = useMemo(() => [...places].sort(worstFirst), [places])
  const whole = useMemo(() => wholeOf(areas, drawn, sorted, size, em), [areas, drawn, sorted, size, em])
  const [lat, lon] = [focus?.lat, focus?.lon]
  const start = useMemo(() => focusOn(lat, lon, size) ?? whole, [lat, lon, size, whole])
  const camera = moved ?? start
  const { ground, isDrawn, attribution } = useGlGround({
    size,
    em,
    camera,
    areas,
    outlines: drawn,
    dark: isDark(),
    minZoom,
    maxZoom,
    onMove: setMoved,
  })

  const groups = camera ? clusters(sorted, camera, size, clusterEm * em) : []
  const labels = camera ? labelsOf(areas, groups, camera, size, em) : { areas: [], places: [] }
  const zoomBy = (factor: number) => {
    if (!camera) return
    const next = zoomed(camera, factor)
    if (zoomOf(next) >= minZoom && zoomOf(next) <= maxZoom) setMoved(next)
  }
  const open = ({ places: [first, ...others] }: Cluster) => {
    if (!first) return
    const bounds = boundsOf([first, ...others])
    const closer = bounds && cameraAround(bounds, size, 3 * marginEm * em, maxZoom)
    if (others.length === 0) setOpened({ kind: 'place', key: first.key })
    else if (closer && camera && closer.worldPx > camera.worldPx * 1.05 && zoomOf(closer) < maxZoom) setMoved(closer)
    else setOpened({ kind: 'list', keys: new Set([first, ...others].map(({ key }) => key)) })
  }
  const chosen = opened?.kind === 'place' ? places.find(({ key }) => key === opened.key) : undefined
  const tip = groups.find(({ places: [first] }) => first?.key === pointed)
  const approximate = drawn.some(({ properties }) => properties.approximate)

  return (
    <section
      class="district-map"
      ref={box}
      aria-label={mapWord('map')}
      data-testid="district-map"
      data-ground={isDrawn ? 'gl' : 'svg'}
    >
      <div class="map-gl" ref={ground} aria-hidden="true" />
      {camera && <SvgGround outlines={drawn} areas={areas} camera={camera} size={size} isShown={!isDrawn} />}
      {/* A keyboard and a screen reader have the list instead. */}
      <div class="map-marks" aria-hidden="true">
        {labels.areas.map(({ area, x, y }) => (
          <span
            key={area.code}
            class="map-area-name"
            data-look={lookOf({ level: area.level, silent: false })}
            style={at(x, y)}
          >
            {area.name}
          </span>
        ))}
        {[...groups].reverse().map((group) => (
          <Mark key={group.places[0]?.key} group={group} onOpen={() => open(group)} onPoint={setPointed} />
        ))}
        {labels.places.map(({ key, text, x, y }) => (
          <span key={key} class="map-place-name" style={at(x, y)}>
            {text}
          </span>
        ))}
        {focus && camera && <FocusRing {...project(camera, size, focus)} />}
        {tip && <Tip group={tip} size={size} />}
      </div>
      <div class="map-buttons">
        <button type="button" aria-label={mapWord('zoomIn')} title={mapWord('zoomIn')} onClick={() => zoomBy(zoomStep)}>
          +
        </button>
        <button
          type="button"
          aria-label={mapWord('zoomOut')}
          title={mapWord('zoomOut')}
          onClick={() => zoomBy(1 / zoomStep)}
        >
          −
        </button>
        <button
          type="button"
          aria-label={mapWord('whole')}
          title={mapWord('whole')}
          disabled={camera === whole}
          onClick={() => setMoved(focus ? whole : undefined)}
        >
          ⌂
        </button>
        <button
          type="button"
          aria-label={mapWord('list')}
          title={mapWord('list')}
          aria-expanded={opened?.kind === 'list'}
          onClick={() => setOpened(opened?.kind === 'list' ? undefined : { kind: 'list' })}
        >
          ☰
        </button>
      </div>
      <p class="map-note">
        {[places.length === 0 ? mapWord('noPlaces') : '', approximate ? mapWord('approximate') : '', attribution]
          .filter((text) => text !== '')
          .join(' · ')}
      </p>
      {opened?.kind === 'list' && (
        <PlaceList
          areas={areas}
          places={opened.keys ? sorted.filter(({ key }) => opened.keys?.has(key)) : sorted}
          onChoose={({ key }) => setOpened({ kind: 'place', key })}
          onClose={() => setOpened(undefined)}
        />
      )}
      {chosen && (
        <PlacePanel
          place={chosen}
          area={areas.find(({ code }) => code === chosen.area)}
          details={details?.(chosen)}
          onClose={() => setOpened(undefined)}
        />
      )}
    </section>
  )
}

/** The shape of a place, or of several with their number. */
function Mark({ group, onOpen, onPoint }: MarkProps) {
  const [first] = group.places
  if (!first) return null
  const count = group.places.length
  return (
    <button
      type="button"
      class="map-mark"
      tabIndex={-1}
      data-look={lookOf(first)}
      data-key={first.key}
      style={at(group.x, group.y)}
      onClick={onOpen}
      onPointerEnter={() => onPoint(first.key)}
      onPointerLeave={() => onPoint(undefined)}
    >
      <Shape look={lookOf(first)} kind={group.places.every(({ kind }) => kind === 'camera') ? 'camera' : 'site'} />
      {count > 1 && <span class="map-count">{count}</span>}
    </button>
  )
}

interface MarkProps {
  readonly group: Cluster
  readonly onOpen: () => void
  readonly onPoint: (key: string | undefined) => void
}

/** Around the place that a page is of, whatever else is there. */
const FocusRing = ({ x, y }: Pixel) => <span class="map-focus" style={at(x, y)} />

/** Names in a tip: more stand in the list. */
const maxTipNames = 5

/** The name of what the pointer is at. */
function Tip({ group, size }: { readonly group: Cluster; readonly size: Size }) {
  const { x, y, places } = group
  const more = places.length - maxTipNames
  const side = x > size.width / 2 ? 'left' : 'right'
  return (
    <div class="map-tip" data-side={side} data-edge={y > size.height / 2 ? 'bottom' : 'top'} style={at(x, y)}>
      {places.slice(0, maxTipNames).map((place) => (
        <div key={place.key}>
          {place.name}
          {stateOf(place) !== '' && ` · ${stateOf(place)}`}
        </div>
      ))}
      {more > 0 && <div>+ {more}</div>}
    </div>
  )
}

const at = (x: number, y: number) => ({ transform: `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)` })

/** The camera that shows everything; undefined while the box has no size, or there is nothing. */
function wholeOf(
  areas: readonly MapArea[],
  outlines: readonly Outline[],
  places: readonly MapPlace[],
  size: Size,
  em: number,
): Camera | undefined {
  if (size.width === 0 || size.height === 0) return undefined
  const outlined = outlines.flatMap((outline) => [...positionsOf(outline)])
  const bounds = boundsOf([...areas, ...outlined, ...places])
  return bounds && cameraAround(bounds, size, marginEm * em, maxFitZoom)
}

/** The camera over one position; undefined where there is none, or while the box has no size. */
function focusOn(lat: number | undefined, lon: number | undefined, size: Size): Camera | undefined {
  if (lat === undefined || lon === undefined || size.width === 0 || size.height === 0) return undefined
  const bounds = boundsOf([{ lat, lon }])
  return bounds && cameraAround(bounds, size, 0, focusZoom)
}

/** Names of areas, and of the places that are not as they should be: nobody points at a wall. */
function labelsOf(areas: readonly MapArea[], groups: readonly Cluster[], camera: Camera, size: Size, em: number) {
  const points = groups.map(({ x, y }) => ({ x, y, radiusPx: markEm * em }))
  const buttons = Array.from({ length: buttonCount }, (_, index) => ({
    x: size.width - buttonEm * em,
    y: (index + 0.75) * buttonEm * em,
    radiusPx: (buttonEm / 2) * em,
  }))
  const abnormal = groups.flatMap(({ x, y, places: [first, ...others] }) => {
    if (!first || levelOrder(first) < 2) return []
    const name = abbreviated(first.name)
    const text = others.length > 0 && others[0] && others[0].level > 0 ? `${name} +${others.length}` : name
    return [{ key: first.key, text, x, y, gapPx: (others.length > 0 ? gapEm + countEm : gapEm) * em }]
  })
  const areaNames = areas.map((area) => ({ area, ...clearOf(project(camera, size, area), area.name, points, em) }))
  const textPx = labelEm * em
  const namePx = areaLabelEm * em
  // The names of areas lie below everything: the other labels keep clear of them.
  const names = areaNames.map(({ area, x, y }) => ({
    x,
    y,
    // With a little room at both ends.
    radiusPx: (textWidth(area.name, namePx, 700) + namePx) / 2,
    height: namePx,
  }))
  const blocks = names.flatMap(({ x, y, radiusPx, height }) => {
    const steps = Math.max(1, Math.round(radiusPx / height))
    return Array.from({ length: 2 * steps + 1 }, (_, step) => ({
      x: x + ((step - steps) / steps) * (radiusPx - height / 2),
      y,
      radiusPx: height / 2,
    }))
  })
  const places = placeLabels(
    abnormal,
    [...points, ...blocks, ...buttons],
    (text) => textWidth(text, textPx, 600),
    textPx,
    size,
  )
  return { areas: areaNames, places }
}

/** Where the name of an area is least in the way: at its position, or a few lines above or below. */
function clearOf(
  { x, y }: Pixel,
  name: string,
  points: readonly (Pixel & { readonly radiusPx: number })[],
  em: number,
): Pixel {
  const half = textWidth(name, areaLabelEm * em, 700) / 2
  const lines = [0, -1, 1, -2, 2, -3, 3]
  const line = lines.find((one) =>
    points.every((point) => {
      const isBeside = Math.abs(point.x - x) > half + point.radiusPx + countEm * em
      return isBeside || Math.abs(point.y - y - one * lineEm * em) > lineEm * em
    }),
  )
  return { x, y: y + (line ?? 0) * lineEm * em }
}

/** The size of an element and of its text, in pixels, now and whenever it changes. */
function useSize(box: { readonly current: HTMLElement | null }): { readonly size: Size; readonly em: number } {
  const [state, setState] = useState({ size: { width: 0, height: 0 }, em: 16 })
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return
      const { width, height } = entry.contentRect
      setState({ size: { width, height }, em: Number.parseFloat(getComputedStyle(element).fontSize) })
    })
    observer.observe(element)
    // Texts were measured in another font until that of the page is there.
    const onFont = () => {
      forgetWidths()
      setState((state) => ({ ...state }))
    }
    document.fonts.addEventListener('loadingdone', onFont)
    return () => {
      observer.disconnect()
      document.fonts.removeEventListener('loadingdone', onFont)
    }
  }, [box])
  return state
}
