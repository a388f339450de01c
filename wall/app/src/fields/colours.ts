import type { Level } from '@ioc/contract/messages/live.ts'

/** Colours of `grafana/boards/thresholds.ts`, with the level that each stands for. Normal has no colour. */
const levels: Readonly<Record<string, Level>> = { text: 0, green: 0, transparent: 0, yellow: 1, orange: 2, red: 3 }

/** Series that the colour-blind can tell apart; the colours of levels are reserved for levels. */
export const seriesColours = [1, 2, 3, 4, 5, 6].map((index) => `var(--series-${index})`)

/** Names of Grafana's palette that are no levels. */
const named: Readonly<Record<string, string>> = {
  blue: 'var(--series-1)',
  purple: 'var(--series-4)',
  white: 'var(--ink)',
  gray: 'var(--muted)',
}

/** The level that a colour stands for; undefined for a colour that is of no level. */
export function levelOfColour(name: string): Level | undefined {
  return levels[baseName(name)]
}

/** A colour of a board as CSS; undefined for that of what is normal. */
export function cssColour(name: string): string | undefined {
  const level = levelOfColour(name)
  if (level !== undefined) return level === 0 ? undefined : `var(--level-${level})`
  return named[baseName(name)] ?? name
}

/** Grafana has shades of each colour, as `semi-dark-red`. */
function baseName(name: string): string {
  return name.replace(/^(super-light|light|semi-dark|dark)-/, '')
}
