import type { Matching, Read } from './source.ts'
import { sqlText } from './sql.ts'
import { parseError, type Token } from './syntax/lexer.ts'

/** Expressions that are remembered not to be wrong, so that boards need not wait for the engine; more are forgotten. */
const maxRemembered = 10_000
const remembered = new Set<string>()

/** What DuckDB calls it when it is given an expression that is none. */
const invalid = /^Invalid Input Error: ([^\n]*)/

/**
 * Checks that regular expressions are such, before anything is run.
 * @throws IocError QUERY_INVALID with line and character
 */
export async function checkRegexes(read: Read, regexes: readonly Token[]): Promise<void> {
  for (const { text, at } of regexes) {
    if (remembered.has(text)) continue
    try {
      await read(`SELECT regexp_matches('', ${sqlText(text)})`)
    } catch (error) {
      const [, reason] = invalid.exec((error as Error).message) ?? []
      throw reason === undefined ? error : parseError(`error parsing regexp: ${reason}`, at)
    }
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.add(text)
  }
}

/**
 * Matches names by the engine, because its expressions are InfluxDB's (RE2): the same syntax, and no expression that takes
 * exponential time.
 */
export function matchingBy(read: Read): Matching {
  return async (regex, names) => {
    const list = [...new Set(names)]
    if (list.length === 0) return new Set()
    const { columns } = await read(
      `SELECT name FROM (SELECT unnest([${list.map(sqlText).join(',')}]) AS name) WHERE regexp_matches(name, ${sqlText(regex)})`,
    )
    return new Set(columns[0] as string[])
  }
}
