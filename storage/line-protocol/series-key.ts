import { unescapeName, unescapeQuoted } from './parse.ts'

export interface SeriesKey {
  readonly measurement: string
  /** Sorted by key. */
  readonly tags: readonly (readonly [key: string, value: string])[]
}

/** Takes the series text of a parsed line apart. Where a tag is given twice, the last one counts. */
export function parseSeriesKey(text: string): SeriesKey {
  const [measurement = '', ...pairs] = splitUnescaped(text, ',')
  const tags = new Map<string, string>()
  for (const pair of pairs) {
    const [key = '', ...value] = splitUnescaped(pair, '=')
    tags.set(unescapeName(key), unescapeName(value.join('=')))
  }
  return {
    measurement: unescapeQuoted(measurement),
    tags: [...tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  }
}

/** Whether the series text of a parsed line gives a tag twice, which InfluxDB refuses. */
export function repeatsTag(text: string): boolean {
  const [, ...pairs] = splitUnescaped(text, ',')
  const keys = pairs.map((pair) => unescapeName(splitUnescaped(pair, '=')[0] ?? ''))
  return new Set(keys).size < keys.length
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
