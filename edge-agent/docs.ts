import { readFileSync, writeFileSync } from 'node:fs'
import type { CollectorKind } from './collectors/collector.ts'
import { collectorKinds } from './collectors/table.ts'
import { optionRows } from './config/json-schema.ts'

/** Writes the options of each collector into its README: `node edge-agent/docs.ts`. */

const [begin, end] = ['<!-- options -->', '<!-- /options -->'] as const

export function readmeOf({ type }: CollectorKind): URL {
  return new URL(`collectors/${type}/README.md`, import.meta.url)
}

/** The text of a README with the options as they are declared. */
export function withOptions(text: string, { options, cadenceS, timeoutS }: CollectorKind): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`${begin} and ${end} are missing`)
  const rows = optionRows(options)
  const table = rows.length === 0 ? [] : [...aligned([['option', 'default', 'meaning'], ...rows]), '']
  const times = `By default it runs every ${cadenceS === undefined ? '`IOC_AGENT_CADENCE_MS`' : `${cadenceS} s`} (\`cadence_s\`), for at most ${timeoutS} s (\`timeout_s\`).`
  return `${text.slice(0, from)}${begin}\n\n${[...table, times].join('\n')}\n\n${text.slice(to)}`
}

/** A table of Markdown whose columns are aligned; the first row is its header. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [...lines.slice(0, 1), rule, ...lines.slice(1)]
}

if (import.meta.main) {
  for (const kind of collectorKinds) {
    const path = readmeOf(kind)
    writeFileSync(path, withOptions(readFileSync(path, 'utf8'), kind))
  }
}
