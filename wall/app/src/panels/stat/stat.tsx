import type { DisplayValue } from '../../fields/frame.ts'
import { formatMoment } from '../../format.ts'
import { gridFor } from '../grid.ts'
import { hrefOf } from '../links.ts'
import { choice, orientationOf } from '../options.ts'
import { Others } from '../others.tsx'
import type { PanelProps } from '../panel.ts'
import { type Reduced, reducedValues } from '../reduce.ts'
import { abnormalFirst } from '../severity.ts'
import { useBox } from '../use-box.ts'
import { label } from '../words.ts'
import { periodNote, withUnit } from './comparison.ts'
import { Tile } from './tile.tsx'
import './stat.css'

/** What a tile needs beside others, in rem: the height, and the width by the letters of its name and value. */
const cellHeight = 3.7
const nameLetter = 0.52
const valueLetter = 0.62
const minWidth = 4.5
const maxWidth = 8

const minute_ms = 60_000
const day_ms = 86_400_000
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: minute_ms, h: 60 * minute_ms, d: day_ms }

/** Values of one or a few indicators as tiles. */
export function Stat(props: PanelProps) {
  const { panel, frames } = props
  const [ref, box] = useBox<HTMLDivElement>()
  const values = reducedValues(panel, frames)
  const among = values.map(({ display }) => display)
  const grid = box && gridFor(values.length, box, cellOf(values), orientationOf(panel))
  const shown = grid && grid.shown < values.length ? abnormalFirst(values).slice(0, grid.shown) : values
  return (
    <div class="stat" ref={ref} style={grid && { '--columns': grid.columns, '--rows': grid.rows }}>
      {grid &&
        shown.map((value) => (
          <StatTile key={value.key} {...props} reduced={value} isOne={values.length === 1} among={among} />
        ))}
      {grid && <Others panel={panel} count={values.length - shown.length} />}
    </div>
  )
}

function cellOf(values: readonly Reduced[]) {
  const widths = values.map(({ title, value, display: { text, unit } }) =>
    // A state in words is as large as a name.
    Math.max(
      title.length * nameLetter,
      (text.length + unit.length) * (typeof value === 'string' ? nameLetter : valueLetter),
    ),
  )
  const width = Math.min(maxWidth, Math.max(minWidth, ...widths) + 1)
  return { width, height: cellHeight, aspect: 2.2 }
}

interface StatTileProps extends PanelProps {
  readonly reduced: Reduced
  readonly isOne: boolean
  readonly among: readonly DisplayValue[]
}

function StatTile({ panel, from, to, comparison, comparisonError, linkTo, reduced, isOne, among }: StatTileProps) {
  const textMode = choice(panel, 'textMode', ['auto', 'value', 'value_and_name', 'name', 'none'])
  const { display, value, title, field, history } = reduced
  const isNamed = textMode === 'name' || textMode === 'value_and_name' || (textMode === 'auto' && !isOne)
  const hasValue = textMode !== 'name' && textMode !== 'none'
  const compared = isOne && hasValue && typeof value === 'number' ? comparison : undefined
  const uncompared = isOne && hasValue && comparisonError !== undefined ? label('notCompared') : undefined
  const target = compared?.target ?? null
  return (
    <Tile
      name={isNamed ? title : undefined}
      label={panel.title}
      display={hasValue ? display : undefined}
      among={among}
      level={display.level}
      emphasis={choice(panel, 'colorMode', ['value', 'none', 'background'])}
      isCentred={choice(panel, 'justifyMode', ['auto', 'center']) === 'center'}
      notes={{
        time: hasValue ? timeNote(reduced, to, panel.interval) : undefined,
        trend: compared && typeof value === 'number' ? periodNote(value, compared, display, field.display) : uncompared,
        target: target === null ? undefined : targetText(reduced, target),
      }}
      history={choice(panel, 'graphMode', ['none', 'area']) === 'none' ? undefined : history}
      from={from}
      to={to}
      href={hrefOf(panel, field, linkTo)}
    />
  )
}

function targetText({ field }: Reduced, target: number): string {
  const { text, unit } = field.display(target)
  return `${label('target')} ${withUnit(withoutZeros(text), unit)}`
}

/** When a value was, where that is not the end of the range. */
function timeNote({ value, at }: Reduced, to: number, interval: string | undefined): string | undefined {
  if (value === null) return label('noValue')
  return at !== undefined && isOld(at, to, interval) ? `${label('asOf')} ${formatMoment(at, to)}` : undefined
}

/** Whether a value is of another time than the end of the range: older than two of its intervals. */
function isOld(at: number, to: number, interval = ''): boolean {
  const [, count = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(interval) ?? []
  const step = Number(count) * (unitMs[unit] ?? 0)
  return to - at > Math.max(10 * minute_ms, Math.min(2 * step, 1.1 * day_ms))
}

/** A target is what somebody set: "98 %", not "98,0 %". */
const withoutZeros = (text: string): string => text.replace(/[.,]0{1,2}$/, '')
