import type { Level } from '@ioc/contract/messages/live.ts'
import type { FieldConfig, FieldOverride, MappingResult, Panel } from '../../../shared/boards/board.ts'
import type { Cell, PanelData } from '../../../shared/boards/panel-data.ts'
import type { MatcherId } from '../../../shared/boards/supported.ts'
import { formatDateTime } from '../format.ts'
import { cssColour, levelOfColour } from './colours.ts'
import type { DisplayValue, Field, Frame } from './frame.ts'
import { mapped } from './mappings.ts'
import { columnNames, type Names } from './names.ts'
import { type RawField, type RawFrame, rawFrames } from './raw-frame.ts'
import { type Range, stepOf } from './thresholds.ts'
import { titleOf, transform } from './transform.ts'
import { formatUnit } from './units.ts'

/** What is shown where there is no value and the panel names nothing for it. */
const noValue = '–'

/**
 * The frames that a panel draws, in the order of Grafana's pipeline: queries, transformations, overrides; then, for each
 * value that is shown, mappings, thresholds and the unit.
 */
export function framesOfPanel(panel: Panel, data: Pick<PanelData, 'results'>, names: Names): Frame[] {
  const shown = data.results.flatMap((result) => {
    const target = panel.targets?.find(({ refId }) => refId === result.refId)
    return target?.hide ? [] : rawFrames(result, target, names)
  })
  return transform(shown, panel.transformations).map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => configured(field, frame, panel, names)),
  }))
}

function configured(raw: RawField, frame: RawFrame, panel: Panel, names: Names): Field {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {}
  const matching = overrides.filter((override) => fits(override, raw, frame, defaults, names))
  const config = matching.flatMap(({ properties }) => properties).reduce(withProperty, defaults)
  const title = displayName(config, raw, names) ?? titleOf(raw)
  return {
    name: raw.name,
    title,
    kind: raw.kind,
    labels: raw.labels,
    values: raw.values,
    config,
    display: displayOf(raw, frame, config, names),
  }
}

function displayName({ displayName }: FieldConfig, raw: RawField, names: Names): string | undefined {
  return displayName?.replace(/\$\{__(?:field\.labels\.(\w+)|(series|field)\.name)\}/g, (_whole, label?: string) =>
    label === undefined ? titleOf(raw) : names.tag(label, raw.labels[label] ?? '', raw.labels),
  )
}

function fits(
  { matcher: { id, options } }: FieldOverride,
  raw: RawField,
  frame: RawFrame,
  defaults: FieldConfig,
  names: Names,
): boolean {
  const called = [raw.name, titleOf(raw), displayName(defaults, raw, names) ?? raw.name]
  switch (id as MatcherId) {
    case 'byName':
      return called.includes(String(options))
    case 'byRegexp': {
      const pattern = regexpOf(String(options))
      return called.some((name) => pattern.test(name))
    }
    case 'byType':
      return raw.kind === options
    case 'byFrameRefID':
      return frame.refId === options
    default:
      return false
  }
}

/** As Grafana writes them: `/…/i`, or the pattern alone. */
function regexpOf(text: string): RegExp {
  const [, pattern = text, flags = ''] = /^\/(.*)\/([imsu]*)$/s.exec(text) ?? []
  return new RegExp(pattern, flags)
}

/** The configuration with one property replaced; `custom.hideFrom.legend` names one inside of others. */
function withProperty(config: FieldConfig, { id, value }: FieldOverride['properties'][number]): FieldConfig {
  const [first = '', ...rest] = id.split('.')
  const replaced = (target: Readonly<Record<string, unknown>>, path: readonly string[]): Record<string, unknown> => {
    const [key = '', ...below] = path
    const inner = (target[key] ?? {}) as Readonly<Record<string, unknown>>
    return { ...target, [key]: below.length === 0 ? value : replaced(inner, below) }
  }
  return replaced(config as Readonly<Record<string, unknown>>, [first, ...rest])
}

/** Whether the values of a field are shown in the colours of its thresholds. */
function isByThresholds({ color }: FieldConfig): boolean {
  return color === undefined || color.mode === 'thresholds'
}

function displayOf(raw: RawField, frame: RawFrame, config: FieldConfig, names: Names): (value: Cell) => DisplayValue {
  const sites = frame.fields.find(({ name }) => name === 'site')?.values
  let named: ReadonlyMap<string, string> | undefined
  let range: Range | undefined
  return (value) => {
    const mapping = mapped(value, config.mappings)
    if (value === null) return withMapping({ text: config.noValue ?? noValue, unit: '', level: 0 }, mapping)
    if (typeof value === 'string') {
      named ??= columnNames(raw.name, raw.values, sites, names) ?? new Map()
      return withMapping({ text: named.get(value) ?? value, unit: '', level: 0 }, mapping)
    }
    if (typeof value === 'boolean') return withMapping({ text: value ? '✓' : '✗', unit: '', level: 0 }, mapping)
    if (raw.kind === 'time') return withMapping({ text: timeText(value, config), unit: '', level: 0 }, mapping)
    range ??= rangeOf(config, raw.values)
    const { figure, unit } = formatUnit(value, config.unit, config.decimals)
    const step = stepOf(value, config, range)
    const colour = isByThresholds(config) && step ? cssColour(step.color) : fixedColour(config)
    const level: Level = step ? (levelOfColour(step.color) ?? 0) : 0
    return withMapping({ text: figure, unit, level, ...(colour !== undefined && { colour }) }, mapping)
  }
}

function timeText(value: number, { unit, decimals }: FieldConfig): string {
  return unit === undefined ? formatDateTime(value) : formatUnit(value, unit, decimals).figure
}

function fixedColour({ color }: FieldConfig): string | undefined {
  return color?.mode === 'fixed' && color.fixedColor !== undefined ? cssColour(color.fixedColor) : undefined
}

/** A mapping's text stands for figure and unit; its colour goes before that of a threshold. */
function withMapping(shown: DisplayValue, mapping: MappingResult | undefined): DisplayValue {
  if (!mapping) return shown
  const { text, color } = mapping
  const named = text === undefined ? shown : { ...shown, text, unit: '' }
  if (color === undefined) return named
  const { colour: _replaced, ...plain } = named
  const colour = cssColour(color)
  return { ...plain, level: levelOfColour(color) ?? named.level, ...(colour !== undefined && { colour }) }
}

/** From the least to the most, of the panel where it says so, else of the values. */
export function rangeOf({ min, max }: Pick<FieldConfig, 'min' | 'max'>, values: readonly Cell[]): Range | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (typeof value !== 'number') continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  const range = { min: min ?? least, max: max ?? most }
  return Number.isFinite(range.min) && Number.isFinite(range.max) ? range : undefined
}
