import { displayOffsetMs } from '@ioc/runtime/display-time.ts'
import { useState } from 'preact/hooks'
import { parseTime, type RawRange, resolveRange, startOf } from '../../../shared/time-range.ts'
import { language } from '../preferences.ts'
import { now } from '../state.ts'
import { Calendar } from './calendar.tsx'
import { closeDialog, Dialog, toggleDialog } from './dialog.tsx'
import {
  rawRange,
  recentRanges,
  refreshInterval,
  refreshIntervals,
  refreshNow,
  setRange,
  setRefresh,
  shiftRange,
  zoomOut,
} from './time.ts'
import { sayInterval, sayRange, sayShell } from './words.ts'

const quickRanges: readonly (readonly [from: string, to: string])[] = [
  ...['now-5m', 'now-15m', 'now-30m', 'now-1h', 'now-3h', 'now-6h', 'now-12h', 'now-24h', 'now-2d', 'now-7d'].map(
    (from) => [from, 'now'] as const,
  ),
  ...['now-30d', 'now-90d', 'now-6M', 'now-1y'].map((from) => [from, 'now'] as const),
  ['now/d', 'now/d'],
  ['now-1d/d', 'now-1d/d'],
  ['now/w', 'now/w'],
  ['now-1w/w', 'now-1w/w'],
  ['now/M', 'now/M'],
  ['now-1M/M', 'now-1M/M'],
  ['now/Q', 'now/Q'],
  ['now/y', 'now/y'],
]

/** In the header: the range, ways to move it, and how often panels are read again. */
export function TimeControls() {
  return (
    <div class="time-controls">
      <IconButton label="earlier" path="m15 5-7 7 7 7" act={() => shiftRange(-1)} wide />
      <button
        type="button"
        class="range"
        title={`${sayShell('timeRange')} (t) · ${sayShell('timeZone')}`}
        data-testid="time-range"
        onClick={() => toggleDialog('time')}
      >
        <span class="hidden">{sayShell('timeRange')}: </span>
        {describeRange(rawRange.value)}
      </button>
      <IconButton label="later" path="m9 5 7 7-7 7" act={() => shiftRange(1)} wide />
      <IconButton
        label="zoomOut"
        path="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21M7.5 10.5h6"
        act={zoomOut}
        wide
      />
      <IconButton label="refresh" path="M20 5v5h-5M20 10a8.5 8.5 0 1 0 .5 4" act={refreshNow} />
      <label class="refresh">
        <span class="hidden">{sayShell('refreshEvery')}</span>
        <select
          value={refreshInterval.value}
          data-testid="refresh"
          onChange={(event) => setRefresh(event.currentTarget.value)}
        >
          {[...new Set([...refreshIntervals, refreshInterval.value])].map((interval) => (
            <option key={interval} value={interval}>
              {interval === '' ? sayShell('refreshOff') : sayInterval(interval, language.value)}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

interface IconButtonProps {
  readonly label: 'earlier' | 'later' | 'zoomOut' | 'refresh'
  readonly path: string
  readonly act: () => void
  /** Left out where the screen is narrow. */
  readonly wide?: boolean
}

function IconButton({ label, path, act, wide = false }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${wide ? 'wide' : ''}`}
      aria-label={sayShell(label)}
      title={sayShell(label)}
      data-testid={`time-${label}`}
      onClick={act}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  )
}

/** The picker as Grafana's users know it: absolute times at the left, quick ranges at the right. */
export function TimePicker() {
  return (
    <Dialog name="time" label={sayShell('timeRange')}>
      <button type="button" class="close" onClick={closeDialog}>
        {sayShell('close')}
      </button>
      <div class="picker">
        <AbsoluteRange />
        <section>
          <h2>{sayShell('quickRanges')}</h2>
          <ul class="quick">
            {quickRanges.map(([from, to]) => (
              <li key={`${from} ${to}`}>
                <RangeButton range={{ from, to }} />
              </li>
            ))}
          </ul>
        </section>
      </div>
      <p class="muted">{sayShell('timeZone')}</p>
    </Dialog>
  )
}

function RangeButton({ range }: { readonly range: RawRange }) {
  const { from, to } = rawRange.value
  return (
    <button
      type="button"
      aria-pressed={from === range.from && to === range.to}
      onClick={() => {
        setRange(range)
        closeDialog()
      }}
    >
      {describeRange(range)}
    </button>
  )
}

function AbsoluteRange() {
  const [range, setTexts] = useState(() => shownRange(rawRange.peek()))
  const [problem, setProblem] = useState<'timeInvalid' | 'rangeEmpty'>()
  const apply = (event: SubmitEvent) => {
    event.preventDefault()
    const [from, to] = [toRaw(range.from), toRaw(range.to, true)]
    if (from === undefined || to === undefined) setProblem('timeInvalid')
    else if (!resolveRange({ from, to }, now.peek())) setProblem('rangeEmpty')
    else {
      setRange({ from, to })
      closeDialog()
    }
  }
  const days = {
    from: startOf(timeOf(range.from, false) ?? now.peek(), 'd'),
    to: startOf(timeOf(range.to, true) ?? now.peek(), 'd'),
  }
  return (
    <section class="absolute">
      <h2>{sayShell('absoluteRange')}</h2>
      <form onSubmit={apply}>
        {(['from', 'to'] as const).map((end) => (
          <label key={end}>
            {sayShell(end)}
            <input
              name={end}
              value={range[end]}
              autocomplete="off"
              spellcheck={false}
              aria-invalid={problem === 'timeInvalid' && toRaw(range[end]) === undefined}
              data-testid={`time-${end}`}
              onInput={(event) => {
                const text = event.currentTarget.value
                setProblem(undefined)
                setTexts((texts) => ({ ...texts, [end]: text }))
              }}
            />
          </label>
        ))}
        <Calendar
          from={days.from}
          to={days.to}
          onChoose={(first, last) =>
            setTexts({ from: `${formatDay(first)} 00:00:00`, to: `${formatDay(last)} 23:59:59` })
          }
        />
        <p role="alert" class="problem">
          {problem && sayShell(problem)}
        </p>
        <button type="submit" class="primary" data-testid="time-apply">
          {sayShell('apply')}
        </button>
      </form>
      {recentRanges.value.length > 0 && (
        <>
          <h2>{sayShell('recentRanges')}</h2>
          <ul class="quick">
            {recentRanges.value.map((one) => (
              <li key={`${one.from} ${one.to}`}>
                <RangeButton range={one} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

/** A range in words, else its two ends. */
function describeRange(range: RawRange): string {
  const words = sayRange(range.from, range.to, language.value)
  if (words !== undefined) return words
  const { from, to } = shownRange(range)
  const sameDay = from.slice(0, 10) === to.slice(0, 10) && to.length === 19
  return `${withoutSeconds(from)} – ${withoutSeconds(sameDay ? to.slice(11) : to)}`
}

const withoutSeconds = (text: string) => text.replace(/(\d\d:\d\d):00$/, '$1')

function shownRange({ from, to }: RawRange): RawRange {
  return { from: shownTime(from), to: shownTime(to) }
}

/** Relative times as they are written, others as dates of the district's clocks. */
function shownTime(text: string): string {
  const time = text.startsWith('now') ? undefined : parseTime(text, 0)
  return time === undefined ? text : formatLocal(time)
}

const dayMs = 86_400_000
const localTime = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[ T,]+(\d{1,2}):(\d\d)(?::(\d\d))?)?$/

/** What somebody typed, as the URL has it; `undefined`: not a time. A date without a time ends with its day. */
function toRaw(text: string, end = false): string | undefined {
  const match = localTime.exec(text.trim())
  if (!match) return parseTime(text.trim(), 0) === undefined ? undefined : text.trim()
  const [, day = '', month = '', year = '', hour = '0', minute = '00', second = '00'] = match
  const isDay = match[4] === undefined
  const iso = `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}`
  const time = parseTime(iso, 0)
  // A day that its month does not have would be one of the next month.
  if (time === undefined || formatLocal(time).slice(0, 2) !== two(day)) return undefined
  return String(end && isDay ? time + dayMs - 1 : time)
}

function timeOf(text: string, end: boolean): number | undefined {
  const raw = toRaw(text, end)
  return raw === undefined ? undefined : parseTime(raw, now.peek(), end)
}

const two = (text: string | number) => String(text).padStart(2, '0')

function formatLocal(time: number): string {
  return `${formatDay(time)} ${new Date(time + displayOffsetMs).toISOString().slice(11, 19)}`
}

function formatDay(time: number): string {
  const [year, month, day] = new Date(time + displayOffsetMs).toISOString().slice(0, 10).split('-')
  return `${day}/${month}/${year}`
}
