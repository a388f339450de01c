import type { Range } from '../../fields/thresholds.ts'
import { Figure } from '../figure.tsx'
import { gridFor } from '../grid.ts'
import { LevelMark } from '../level-mark.tsx'
import { hrefOf } from '../links.ts'
import { orientationOf } from '../options.ts'
import { Others } from '../others.tsx'
import type { PanelProps } from '../panel.ts'
import { type Reduced, reducedValues } from '../reduce.ts'
import { abnormalFirst, bandsOf, scaleOf } from '../severity.ts'
import { useBox } from '../use-box.ts'
import './gauge.css'

/** What a dial needs, in rem. */
const cell = { width: 6.5, height: 5.5, aspect: 1.2 }

/** Values on dials with their limits around them. */
export function Gauge(props: PanelProps) {
  const { panel, frames, linkTo } = props
  const [ref, box] = useBox<HTMLDivElement>()
  const values = reducedValues(panel, frames)
  const grid = box && gridFor(values.length, box, cell, orientationOf(panel))
  const shown = grid && grid.shown < values.length ? abnormalFirst(values).slice(0, grid.shown) : values
  const hasMarkers = panel.options?.['showThresholdMarkers'] !== false
  return (
    <div class="gauges" ref={ref} style={grid && { '--columns': grid.columns }}>
      {grid &&
        shown.map((reduced) => (
          <Dial
            key={reduced.key}
            reduced={reduced}
            hasMarkers={hasMarkers}
            name={values.length > 1 ? reduced.title : undefined}
            href={hrefOf(panel, reduced.field, linkTo)}
          />
        ))}
      {grid && <Others panel={panel} count={values.length - shown.length} />}
    </div>
  )
}

interface DialProps {
  readonly reduced: Reduced
  readonly hasMarkers: boolean
  readonly name: string | undefined
  readonly href: string | undefined
}

function Dial({ reduced, hasMarkers, name, href }: DialProps) {
  const { level } = reduced.display
  const content = (
    <>
      <div class="dial-box">
        <div class="dial-face">
          <Arcs reduced={reduced} hasMarkers={hasMarkers} />
          <span class="dial-figure">
            <Figure display={reduced.display} />
          </span>
          <span class="dial-level">
            <LevelMark level={level} />
          </span>
        </div>
      </div>
      {name !== undefined && <span class="dial-name">{name}</span>}
    </>
  )
  return href === undefined ? (
    <div class={`dial level-${level}`}>{content}</div>
  ) : (
    <a class={`dial level-${level}`} href={href}>
      {content}
    </a>
  )
}

/** Degrees that the dial leaves open at the bottom, and its radii in a square of 100. */
const opening = 120
const valueRadius = 38
const bandRadius = 47
const gap = 1.2

function Arcs({ reduced, hasMarkers }: { readonly reduced: Reduced; readonly hasMarkers: boolean }) {
  const { field, value, display } = reduced
  const scale = scaleOf([reduced])
  const bands = bandsOf(field, scale)
  const share = typeof value === 'number' ? shareOf(value, scale) : 0
  const current = bands.find(({ to }) => typeof value === 'number' && value < to)
  return (
    <svg class="dial-arcs" viewBox="0 0 100 80" aria-hidden="true">
      <path class="dial-track" d={arc(valueRadius, 0, 1)} />
      {share > 0 && <path class={`dial-value level-${display.level}`} d={arc(valueRadius, 0, share)} />}
      {hasMarkers &&
        bands.length > 1 &&
        bands.map((band) => (
          <path
            key={band.from}
            class={`dial-band band-${band.level} ${band === current && band.level > 0 ? `level-${band.level} current` : ''}`}
            d={arc(bandRadius, shareOf(band.from, scale), shareOf(band.to, scale), gap)}
          />
        ))}
    </svg>
  )
}

const shareOf = (value: number, { min, max }: Range) => Math.min(1, Math.max(0, (value - min) / (max - min)))

/** A part of the dial, from and to a share of it; `less` degrees are left out at its end. */
function arc(radius: number, from: number, to: number, less = 0): string {
  const start = opening / 2 + from * (360 - opening)
  const end = opening / 2 + to * (360 - opening) - less
  if (end <= start) return ''
  const isLarge = end - start > 180 ? 1 : 0
  return `M${point(radius, start)}A${radius} ${radius} 0 ${isLarge} 1 ${point(radius, end)}`
}

/** Clockwise from the bottom. */
function point(radius: number, degrees: number): string {
  const angle = (degrees * Math.PI) / 180
  return `${(50 - radius * Math.sin(angle)).toFixed(2)} ${(50 + radius * Math.cos(angle)).toFixed(2)}`
}
