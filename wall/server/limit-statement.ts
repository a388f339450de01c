import { IocError } from '@ioc/contract/errors.ts'

/** Strings, identifiers and regular expressions are one part each: nothing in them is read as a keyword. */
const parts = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?:=~|!~)\s*\/(?:[^/\\]|\\.)*\/|\w+|\s+|[^\w\s]/gs

/** A part of a statement that reads a measurement. */
interface Source {
  readonly measurement: string
  /** Whether its condition has begun. */
  hasWhere: boolean
}

/**
 * Adds a condition to each place of an InfluxQL statement that reads a measurement. What it does not understand, it
 * refuses: a statement that passes reads nothing beyond the condition.
 * @throws IocError QUERY_INVALID
 */
export function limitStatement(statement: string, conditionOf: (measurement: string) => string): string {
  /** What is read at each depth of parentheses; undefined: nothing yet. */
  const levels: (Source | undefined)[] = [undefined]
  let isAfterFrom = false
  let text = ''
  const refuse = (why: string): never => {
    throw new IocError('QUERY_INVALID', `this query cannot be limited to the places of the user: ${why}`)
  }
  /** Begins a condition before what ends the source, where it has none. */
  const close = (): string => {
    const source = levels.at(-1)
    if (!source || source.hasWhere) return ''
    source.hasWhere = true
    return ` WHERE ${conditionOf(source.measurement)} `
  }
  for (const [part] of statement.matchAll(parts)) {
    const word = part.toUpperCase()
    if (part.trim() === '') {
      text += part
      continue
    }
    if (isAfterFrom) {
      isAfterFrom = false
      if (part === '(') levels.push(undefined)
      else if (part.startsWith('"')) {
        if (levels.at(-1)) refuse('it reads several measurements')
        levels[levels.length - 1] = { measurement: part.slice(1, -1), hasWhere: false }
      } else refuse('it reads no measurement by name')
      text += part
      continue
    }
    const source = levels.at(-1)
    switch (word) {
      case 'FROM':
        isAfterFrom = true
        break
      case 'WHERE':
        if (source && !source.hasWhere) {
          source.hasWhere = true
          text += `${part} ${conditionOf(source.measurement)} AND`
          continue
        }
        break
      case 'OR':
        if (source?.hasWhere) refuse('its condition has an alternative')
        break
      case ';':
        refuse('it is several statements')
        break
      case 'INTO':
        refuse('it writes')
        break
      case 'GROUP':
      case 'ORDER':
      case 'LIMIT':
      case 'SLIMIT':
        text += close()
        break
      case '(':
        levels.push(undefined)
        break
      case ')':
        text += close()
        levels.pop()
        if (levels.length === 0) refuse('its parentheses do not match')
        break
      case ',':
      case '.':
        if (source && !source.hasWhere) refuse('it reads several measurements')
        break
      default:
        break
    }
    text += part
  }
  text += close()
  if (levels.length !== 1) refuse('its parentheses do not match')
  return text.trimEnd()
}
