import { IocError } from '@ioc/contract/errors.ts'
import type { Position } from './ast.ts'

export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'integer'
  | 'number'
  | 'duration'
  | 'parameter'
  | 'operator'
  | 'regex'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** Names and strings without their quotes and escapes; words as they were written. */
  readonly text: string
  /** Nanoseconds of a duration. */
  readonly duration: bigint
  readonly at: Position
  readonly from: number
  readonly to: number
}

/** An error in a query's text, in InfluxDB's words. */
export function parseError(message: string, at: Position): IocError {
  return new IocError('QUERY_INVALID', `error parsing query: ${message} at line ${at.line}, char ${at.char}`)
}

/** Nanoseconds of each unit, the short ones first. */
export const durationUnits: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['u', 1_000n],
  ['µ', 1_000n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['w', 604_800_000_000_000n],
])

const patterns = {
  space: /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y,
  word: /[A-Za-z_][A-Za-z0-9_]*/y,
  duration: /(?:\d+(?:ns|us|ms|[uµsmhdw]))+(?![A-Za-z0-9_])/y,
  number: /\d+\.\d*|\.\d+|\d+/y,
  parameter: /\$(?:\w+|"(?:[^"\\\n]|\\.)*")/y,
  operator: /=~|!~|!=|<>|<=|>=|::|[=<>+\-*/%&|^(),;.]/y,
}

/** Reads tokens on demand: whether `/` divides or begins a regular expression, only the parser knows. */
export class Lexer {
  readonly #text: string
  readonly #lineStarts: number[] = [0]

  constructor(text: string) {
    this.#text = text
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1)
  }

  /** The token at or after an offset. */
  read(offset: number): Token {
    const from = offset + (this.#match(patterns.space, offset)?.length ?? 0)
    if (from >= this.#text.length) return this.#token('end', 'EOF', from, from)
    const character = this.#text[from] as string
    if (character === '"') return this.#quoted('quoted', from, '"')
    if (character === "'") return this.#quoted('string', from, "'")
    const word = this.#match(patterns.word, from)
    if (word !== undefined) return this.#token('word', word, from, from + word.length)
    const duration = this.#match(patterns.duration, from)
    if (duration !== undefined) return this.#duration(duration, from)
    const number = this.#match(patterns.number, from)
    if (number !== undefined) {
      return this.#token(/^\d+$/.test(number) ? 'integer' : 'number', number, from, from + number.length)
    }
    const parameter = this.#match(patterns.parameter, from)
    if (parameter !== undefined) {
      return this.#token('parameter', parameter.slice(1).replace(/^"|"$/g, ''), from, from + parameter.length)
    }
    const operator = this.#match(patterns.operator, from)
    if (operator === undefined) throw parseError(`found ${character}, which is not allowed here`, this.#position(from))
    return this.#token('operator', operator === '<>' ? '!=' : operator, from, from + operator.length)
  }

  /** Reads again, from a `/`, what is a regular expression there. */
  readRegex(slash: Token): Token {
    let position = slash.from + 1
    for (; position < this.#text.length; position++) {
      const character = this.#text[position]
      if (character === '\\') position++
      else if (character === '/') {
        const source = this.#text.slice(slash.from + 1, position).replaceAll('\\/', '/')
        return this.#token('regex', source, slash.from, position + 1)
      } else if (character === '\n') break
    }
    throw parseError('found an unterminated regular expression', slash.at)
  }

  #match(pattern: RegExp, from: number): string | undefined {
    pattern.lastIndex = from
    return pattern.exec(this.#text)?.[0]
  }

  #quoted(kind: 'quoted' | 'string', from: number, quote: string): Token {
    let value = ''
    for (let position = from + 1; position < this.#text.length; position++) {
      const character = this.#text[position] as string
      if (character === quote) return this.#token(kind, value, from, position + 1)
      if (character === '\n') break
      if (character !== '\\') {
        value += character
        continue
      }
      const next = this.#text[++position]
      const plain = next === 'n' ? '\n' : next === '\\' || next === '"' || next === "'" ? next : undefined
      if (plain === undefined) throw parseError(`found bad escape \\${next ?? ''}`, this.#position(position - 1))
      value += plain
    }
    throw parseError(`found an unterminated ${kind === 'string' ? 'string' : 'name'}`, this.#position(from))
  }

  #duration(text: string, from: number): Token {
    let duration = 0n
    for (const [, count, unit] of text.matchAll(/(\d+)([a-zµ]+)/g)) {
      duration += BigInt(count ?? '') * (durationUnits.get(unit ?? '') ?? 0n)
    }
    if (BigInt.asIntN(64, duration) !== duration) {
      throw parseError('overflowed duration: choose a shorter one', this.#position(from))
    }
    return { ...this.#token('duration', text, from, from + text.length), duration }
  }

  #token(kind: TokenKind, text: string, from: number, to: number): Token {
    return { kind, text, duration: 0n, at: this.#position(from), from, to }
  }

  #position(offset: number): Position {
    const start = (line: number) => this.#lineStarts[line - 1] as number
    let line = 1
    let after = this.#lineStarts.length + 1
    while (after - line > 1) {
      const middle = (line + after) >> 1
      if (start(middle) > offset) after = middle
      else line = middle
    }
    return { line, char: offset - start(line) + 1 }
  }
}
