import { IocError } from '@ioc/contract/errors.ts'

/** What is chosen of a variable. */
export interface Chosen {
  readonly values: readonly string[]
  /** All of them are. */
  readonly isAll: boolean
  /** The regular expression that the board declares to match all of them. */
  readonly allPattern?: string
}

export type Variables = ReadonlyMap<string, Chosen>

/** Texts of Grafana's macros, by name without `$`: `timeFilter`, `__interval`, `__interval_ms`. */
export type Macros = Readonly<Record<string, string>>

/** Strings, identifiers, regular expressions, and references outside of them. A `/` elsewhere divides. */
const parts =
  /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?:=~|!~|\bFROM)\s*\/(?:[^/\\]|\\.)*\/|\$\w+|\$\{\w+(?::\w+)?\}|\[\[\w+\]\]/gis
const references = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g

/**
 * Puts the values of variables into InfluxQL, each escaped for where it stands: in a string, an identifier or a regular
 * expression. Elsewhere a value must be a number or a duration. No value can therefore change what a query asks.
 * @throws IocError QUERY_INVALID
 */
export function interpolate(query: string, variables: Variables, macros: Macros): string {
  return query.replace(parts, (part) => {
    const quote = part[0]
    if (quote === "'") return replaceReferences(part, variables, (chosen) => inString(first(chosen)))
    if (quote === '"') return replaceReferences(part, variables, (chosen) => inIdentifier(first(chosen)))
    if (part.endsWith('/')) return replaceReferences(part, variables, asPattern)
    const name = /\w+/.exec(part)?.[0] ?? ''
    if (Object.hasOwn(macros, name)) return macros[name] as string
    return replaceReferences(part, variables, (chosen) => bare(first(chosen)))
  })
}

function replaceReferences(text: string, variables: Variables, write: (chosen: Chosen) => string): string {
  return text.replace(references, (_all, plain, braced, format, bracketed) => {
    const name = (plain ?? braced ?? bracketed) as string
    const chosen = variables.get(name)
    if (!chosen) throw new IocError('QUERY_INVALID', `the board has no variable ${name}`)
    if (format !== undefined && format !== 'regex')
      throw new IocError('QUERY_INVALID', `the format ${format} of variable ${name} is not supported`)
    return write(chosen)
  })
}

/** Where only one value can stand. */
const first = ({ values }: Chosen): string => values[0] ?? ''

const inString = (value: string): string => value.replace(/[\\']/g, '\\$&')
const inIdentifier = (value: string): string => value.replace(/[\\"]/g, '\\$&')

/**
 * Escapes text for a regular expression. InfluxDB reads `\\/` as an escaped `/`, which would let a value end with a
 * backslash run on over the end of the expression: a backslash is therefore written by its number.
 */
const inPattern = (value: string): string =>
  value.replace(/[\\^$.*+?()[\]{}|/]/g, (character) => (character === '\\' ? '\\x5C' : `\\${character}`))

/** The regular expression of what is chosen, without `^` and `$`. */
function asPattern({ values, isAll, allPattern }: Chosen): string {
  if (isAll && allPattern !== undefined) return allPattern
  if (isAll && values.length === 0) return '.*'
  const escaped = values.map(inPattern)
  return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`
}

function bare(value: string): string {
  if (/^\d{1,9}(?:ms|[smhdw])?$/.test(value)) return value
  throw new IocError('QUERY_INVALID', 'a variable outside of quotes must be a number or a duration')
}
