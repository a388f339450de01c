import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { boardFolders } from '@ioc/contract/boards/folders.ts'
import { type Language, languages } from './boards/kit/text.ts'
import { boards } from './boards/table.ts'

export const folders = {
  vi: join(import.meta.dirname, boardFolders.vi),
  en: join(import.meta.dirname, boardFolders.en),
} as const satisfies Record<Language, string>

/** What every board's files must hold, by their paths. */
export function generate(): Map<string, string> {
  return new Map(
    languages.flatMap((language) =>
      boards.map(({ name, build }) => [join(folders[language], `${name}.json`), stableJson(build(language))] as const),
    ),
  )
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
  return [...wrong, ...strays(expected)]
}

/** Files of boards that are no longer there. */
function strays(expected: ReadonlyMap<string, string>): string[] {
  return Object.values(folders).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
      .filter((path) => !expected.has(path)),
  )
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
    const expected = generate()
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true })
    for (const path of strays(expected)) rmSync(path)
    for (const [path, text] of expected) writeFileSync(path, text)
  }
}
