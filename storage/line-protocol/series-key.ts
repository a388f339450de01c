import { unescapeName, unescapeQuoted } from './parse.ts'

export interface SeriesKey {
  readonly measurement: string
  /** Sorted by key. */
  readonly tags: readonly (readonly [key: string, value: string])[]
  /** Whether the text gives a tag twice, which InfluxDB refuses. */
  readonly repeats?: boolean
}

/** Takes the series text of a parsed line apart. Where a tag is given twice, the last one counts. */
export function parseSeriesKey(text: string): SeriesKey {
  const [measurement = '', ...pairs] = splitUnescaped(text, ',')
  const tags = new Map<string, string>()
  let repeats = false
  for (const pair of pairs) {
    const [key = '', ...value] = splitUnescaped(pair, '=')
    const name = unescapeName(key)
    repeats ||= tags.has(name)
    tags.set(name, unescapeName(value.join('=')))
  }
  return {
    measurement: unescapeQuoted(measurement),
    tags: [...tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    repeats,
  }
}

/** The canonical text of a series: escaped, its tags sorted. Equal for equal series only. */
export function formatSeriesKey(key: SeriesKey): string {
  let text = escapeMeasurement(key.measurement)
  for (const [name, value] of key.tags) text += `,${escapeName(name)}=${escapeName(value)}`
  return text
}

export function escapeMeasurement(text: string): string {
  return /[, ]/.test(text) ? text.replace(/[, ]/g, '\\$&') : text
}

export function escapeName(text: string): string {
  return /[,= ]/.test(text) ? text.replace(/[,= ]/g, '\\$&') : text
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let position = 0; position < text.length; position++) {
    const character = text[position]
    if (character === '\\') position++
    else if (character === separator) {
      parts.push(text.slice(start, position))
      start = position + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}
