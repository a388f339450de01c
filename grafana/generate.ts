import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { boards } from './boards/table.ts'

/** Where Grafana reads boards from. */
export const dashboardsFolder = join(import.meta.dirname, 'provisioning/dashboards')

/** What every board's file must hold, by its path. */
export function generate(): Map<string, string> {
  return new Map(boards.map(({ name, build }) => [join(dashboardsFolder, `${name}.json`), stableJson(build())]))
}

/** JSON whose keys are in order, so that a change of the SDK's order is not a change of a board. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(ordered(JSON.parse(JSON.stringify(value))), null, 2)}\n`
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, ordered(item)]),
  )
}

/** Files that differ from what their boards say, and files of no board. */
export function differences(): string[] {
  const expected = generate()
  const wrong = [...expected].filter(([path, text]) => readOrEmpty(path) !== text).map(([path]) => path)
  const stray = readdirSync(dashboardsFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(dashboardsFolder, name))
    .filter((path) => !expected.has(path))
  return [...wrong, ...stray]
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const wrong = differences()
    for (const path of wrong) {
      process.stderr.write(`${relative(process.cwd(), path)} does not match its board: run "npm run boards"\n`)
    }
    process.exitCode = wrong.length === 0 ? 0 : 1
  } else {
    for (const [path, text] of generate()) writeFileSync(path, text)
  }
}
