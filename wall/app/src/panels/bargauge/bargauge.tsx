import type { Range } from '../../fields/thresholds.ts'
import { Figure } from '../figure.tsx'
import { LevelMark } from '../level-mark.tsx'
import { hrefOf } from '../links.ts'
import { choice } from '../options.ts'
import { Others } from '../others.tsx'
import type { PanelProps } from '../panel.ts'
import { type Reduced, reducedValues } from '../reduce.ts'
import { abnormalFirst, bandsOf, scaleOf, worstFirst } from '../severity.ts'
import { useBox } from '../use-box.ts'
import './bargauge.css'

/** Sizes in rem: a row with its name beside the bar, or above it, and a bar that stands with its name below. */
const besideHeight = 1.9
const aboveHeight = 2.4
const standingWidth = 4.2
/** From this width on there is room for names beside the bars. */
const minBesideWidth = 20

/** Values as bars on one scale. It never scrolls: where not all fit, the worst are shown and the others counted. */
export function BarGauge(props: PanelProps) {
  const { panel, frames } = props
  const [ref, box] = useBox<HTMLDivElement>()
  const values = reducedValues(panel, frames)
  const orientation = choice(panel, 'orientation', ['auto', 'horizontal', 'vertical'])
  const isStanding = orientation === 'vertical' || (orientation === 'auto' && box !== undefined && isFlat(box, values))
  const isBeside = choice(panel, 'namePlacement', ['auto', 'left', 'top', 'hidden']) !== 'top'
  const layout = isStanding ? 'standing' : isBeside && (box?.width ?? 0) >= minBesideWidth ? 'beside' : 'above'
  const fits = box ? fitting(layout, box) : 0
  const shown = values.length > fits ? worstFirst(values).slice(0, Math.max(fits - 1, 0)) : abnormalFirst(values)
  const scale = scaleOf(values)
  return (
    <div class={`bars ${layout}`} ref={ref}>
      {box && shown.map((reduced) => <Bar key={reduced.key} {...props} reduced={reduced} scale={scale} />)}
      {box && <Others panel={panel} count={values.length - shown.length} />}
    </div>
  )
}

/** Few values in a wide, low box stand; all others lie. */
function isFlat({ width, height }: { width: number; height: number }, values: readonly Reduced[]): boolean {
  return (
    height >= 7 && width > 2 * height && values.length * standingWidth <= width && values.length * aboveHeight > height
  )
}

function fitting(
  layout: 'standing' | 'beside' | 'above',
  { width, height }: { width: number; height: number },
): number {
  switch (layout) {
    case 'standing':
      return Math.floor(width / standingWidth)
    case 'beside':
      return Math.floor(height / besideHeight)
    case 'above':
      return Math.floor(height / aboveHeight)
  }
}

interface BarProps extends PanelProps {
  readonly reduced: Reduced
  readonly scale: Range
}

function Bar({ panel, linkTo, reduced, scale }: BarProps) {
  const { title, value, display, field } = reduced
  const isHidden = choice(panel, 'namePlacement', ['auto', 'left', 'top', 'hidden']) === 'hidden'
  const hasValue = choice(panel, 'valueMode', ['color', 'text', 'hidden']) !== 'hidden'
  const href = hrefOf(panel, field, linkTo)
  const share = (at: number) => Math.min(1, Math.max(0, (at - scale.min) / (scale.max - scale.min)))
  const length = typeof value === 'number' ? share(value) : 0
  const limits = bandsOf(field, scale).slice(1)
  return (
    <div class={`bar level-${display.level}`}>
      {!isHidden && <span class="bar-name">{href === undefined ? title : <a href={href}>{title}</a>}</span>}
      <span class={`bar-track ${panel.options?.['showUnfilled'] === false ? 'bare' : ''}`}>
        {limits.map(({ from }) => (
          <span key={from} class="bar-limit" style={{ '--share': share(from).toFixed(4) }} />
        ))}
        <span class="bar-fill" style={{ '--share': length.toFixed(4) }} />
      </span>
      {hasValue && (
        <span class="bar-value">
          <LevelMark level={display.level} brief />
          <Figure display={display} />
        </span>
      )}
    </div>
  )
}
