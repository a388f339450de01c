import { Lexer, type Token, type TokenKind } from './lexer.ts'

/** What stands for `$name` in a query, as if it had been written there. */
type Bound = Pick<Token, 'kind' | 'text' | 'duration'>

/** By name. */
export type Parameters = ReadonlyMap<string, Bound>

/** What an object with one key, as `{"regex": "^s"}`, makes of the text in it. */
const kinds: Readonly<Record<string, TokenKind>> = {
  ident: 'quoted',
  identifier: 'quoted',
  regex: 'regex',
  string: 'string',
}

/** What it makes of a number. */
const numbers: ReadonlySet<string> = new Set(['float', 'number', 'int', 'integer'])

/**
 * Reads parameters as clients send them: a JSON object of texts, numbers and booleans, or of objects that say what is in
 * them.
 * @throws Error in InfluxDB's words
 */
export function readParameters(json: string): Parameters {
  if (json.trim() === '') return new Map()
  let values: unknown
  try {
    // Whole numbers keep all their digits.
    values = JSON.parse(json, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? '') : value,
    )
  } catch {
    throw new Error('error parsing query parameters: not JSON')
  }
  if (typeof values !== 'object' || Array.isArray(values)) {
    throw new Error('error parsing query parameters: not an object')
  }
  return new Map(
    Object.entries(values ?? {}).flatMap(([name, value]) => {
      const bound = bind(value)
      return bound ? [[name, bound] as const] : []
    }),
  )
}

function bind(value: unknown): Bound | undefined {
  switch (typeof value) {
    case 'string':
      return { kind: 'string', text: value, duration: 0n }
    case 'boolean':
      return { kind: 'word', text: String(value), duration: 0n }
    case 'bigint':
      return { kind: 'integer', text: String(value), duration: 0n }
    case 'number':
      return { kind: 'number', text: String(value), duration: 0n }
    case 'object':
      return bindObject(Object.entries(value ?? {}))
    default:
      return undefined
  }
}

function bindObject([entry, ...more]: readonly [string, unknown][]): Bound | undefined {
  if (!entry || more.length > 0) return undefined
  const [key, value] = entry
  if (key === 'duration') return bindDuration(value)
  if (typeof value === 'string') {
    const kind = kinds[key]
    return kind && { kind, text: value, duration: 0n }
  }
  return numbers.has(key) && (typeof value === 'number' || typeof value === 'bigint') ? bind(value) : undefined
}

/** A duration as in a query, or as nanoseconds. */
function bindDuration(value: unknown): Bound | undefined {
  if (typeof value === 'bigint') return { kind: 'duration', text: `${value}ns`, duration: value }
  if (typeof value !== 'string') return undefined
  const { kind, text, duration, to } = new Lexer(value).read(0)
  return kind === 'duration' && to === value.length ? { kind, text, duration } : undefined
}
