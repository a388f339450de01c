import { bandOf } from '@ioc/contract/messages/live.ts'
import { displayTime, utcTime } from '@ioc/runtime/display-time.ts'
import { sayBand, sayLevels, sayWindow } from '../indicators/words.ts'
import type { ExplainedInput, ExplainedStep } from './derived.ts'
import type { Explanation, RequiredFill } from './explain.ts'
import type { ExplainedPane, MeasuredParts } from './measured.ts'

/** Panes that are shown, half of them the first and half the last. */
const maxPanes = 60

const levelNames = ['normal', 'attention', 'warning', 'critical'] as const

/** The zone of all times of a text. */
interface Zone {
  readonly name: string
  readonly time: (ms: number) => string
}

const vietnam: Zone = { name: 'UTC+7', time: displayTime }
const utc: Zone = { name: 'UTC', time: utcTime }

/** An explanation as a terminal shows it, with times in Vietnam or in UTC. */
export function sayExplanation(explanation: Explanation, inUtc = false): string {
  const zone = inUtc ? utc : vietnam
  const { indicator, scope, key, group, savedAt, parts } = explanation
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['of', `${scope} ${key}${group === undefined ? '' : `, ${group}`}`],
    ['window', windowText(explanation, zone)],
    ['', noteText(explanation, zone)],
    ['state', `as of ${zone.time(savedAt)}`],
    ['unconfirmed', indicator.unconfirmed?.en],
  ]
  const head = `${indicator.title.vi} · ${indicator.title.en} (${indicator.id})`
  const body = bodyText(parts, zone)
  return `${[head, factsText(facts), body, resultText(explanation)].join('\n\n')}\n`
}

function bodyText(parts: Explanation['parts'], zone: Zone): string {
  switch (parts.kind) {
    case 'measured':
      return panesText(parts, zone)
    case 'derived':
      return parts.inputs.map((input) => inputText(input, zone)).join('\n\n')
    case 'cases':
      return factsText(Object.entries(parts.figures).map(([name, value]) => [name, sayNumber(value)] as const))
  }
}

function windowText({ indicator, window }: Explanation, { name, time }: Zone): string {
  return `${time(window.from)} → ${time(window.to)} (${name}), ${sayWindow(indicator.window).en}`
}

function noteText({ asked, window }: Explanation, { time }: Zone): string | undefined {
  const notes = [
    ...(window.isStamp ? [] : [`no window ends at ${time(asked)}; this window contains it`]),
    ...(window.isOver ? [] : ['it is still open; the values are provisional']),
  ]
  return notes.length === 0 ? undefined : notes.join('; ')
}

function factsText(facts: readonly (readonly [string, string | undefined])[]): string {
  const shown = facts.filter(([, text]) => text !== undefined)
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n')
}

function panesText({ panes, aggregates, paneMs }: MeasuredParts, zone: Zone): string {
  const names = [...new Set(panes.flatMap(({ columns }) => Object.keys(columns)))]
  const hasSources = panes.some(({ of }) => of !== undefined)
  const head = [
    'pane from',
    ...(hasSources ? ['of'] : []),
    'samples',
    ...names,
    ...aggregates.map(({ name }) => `→ ${name}`),
  ]
  const rowOf = ({ start, of, samples, columns, alone }: ExplainedPane): string[] => [
    zone.time(start),
    ...(hasSources ? [of ?? ''] : []),
    sayNumber(samples),
    ...names.map((name) => columnText(name, columns[name], start, zone)),
    ...aggregates.map(({ name }) => sayNumber(alone[name])),
  ]
  const half = maxPanes / 2
  const hidden = panes.length - maxPanes
  const shown = hidden <= 0 ? panes : [...panes.slice(0, half), ...panes.slice(-half)]
  const lines = tableLines([head, ...shown.map(rowOf)], hasSources ? 2 : 1)
  if (hidden > 0) lines.splice(1 + half, 0, `… ${hidden} more …`)
  return [`panes of ${paneMs / 1000} s with events: ${panes.length}`, ...lines].join('\n')
}

/** Times of the day that the pane begins in go without their date. */
function columnText(name: string, value: number | undefined, start: number, zone: Zone): string {
  if (value === undefined || !Number.isFinite(value) || !name.endsWith('_ts')) return sayNumber(value)
  const [day, time] = zone.time(value).split(' ')
  return zone.time(start).startsWith(`${day} `) ? `${time}` : `${day} ${time}`
}

function inputText({ name, id, unit, formula, steps }: ExplainedInput, zone: Zone): string {
  const made = [...new Set(steps.flatMap(({ of }) => Object.keys(of)))]
  const head = ['at', `value${unitText(unit)}`, 'samples', ...made]
  const rows = runs(steps).map((run) => {
    const [step] = run as [ExplainedStep]
    const at = zone.time(step.ts)
    if (step.value === undefined)
      return [run.length === 1 ? at : `${at} back to ${zone.time(run.at(-1)?.ts ?? 0)}`, '–']
    return [at, sayNumber(step.value), sayNumber(step.samples), ...made.map((each) => sayNumber(step.of[each]))]
  })
  return [`${name} = ${id}: ${formula}`, ...tableLines([head, ...rows])].join('\n')
}

/** Steps without a value that follow each other are one run; the others stand by themselves. */
function runs(steps: readonly ExplainedStep[]): readonly (readonly ExplainedStep[])[] {
  const all: ExplainedStep[][] = []
  for (const step of steps) {
    const before = all.at(-1)
    if (before && step.value === undefined && before[0]?.value === undefined) before.push(step)
    else all.push([step])
  }
  return all
}

function resultText(explanation: Explanation): string {
  const { indicator, parts, value, level, levels, levelsFrom, samples, required } = explanation
  const merged = parts.kind === 'measured' ? parts.aggregates : []
  const band = value === undefined ? undefined : bandOf(value, indicator.bands ?? [])
  const filled = required && !required.isMet ? `, ${sayRequired(required)}` : ''
  const from = levelsFrom === 'district' ? ', as in the thresholds of the district' : ''
  const worst = levels && `${level} ${levelNames[level]} (${sayLevels(levels).en}${from}${filled})`
  return factsText([
    ...merged.map(({ name, text, value: of }, index) => {
      return [index === 0 ? 'merged' : '', `${name} = ${text} = ${sayNumber(of)}`] as const
    }),
    ['samples', sayNumber(samples)],
    ['formula', indicator.formula],
    ['value', value === undefined ? 'none: the formula returns no value' : sayNumber(value) + unitText(indicator.unit)],
    ['level', value === undefined ? undefined : worst],
    ['band', band && sayBand(band)],
  ])
}

function sayRequired({ samples, measuredMs }: RequiredFill): string {
  const measured = measuredMs > 0 ? `, measured for at least ${sayNumber(measuredMs / 1000)} s` : ''
  return `with at least ${samples} samples${measured}`
}

function unitText(unit: string): string {
  return unit === '1' ? '' : ` ${unit}`
}

/**
 * Rows whose columns are as wide as their widest cell.
 * @param texts how many columns at the left are texts; numbers stand at the right of theirs
 */
export function tableLines(rows: readonly (readonly string[])[], texts = 1): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** To seven digits; `–` where there is none. */
function sayNumber(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '–' : String(Number(value.toPrecision(7)))
}
