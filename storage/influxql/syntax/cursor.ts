import type { IocError } from '@ioc/contract/errors.ts'
import { Lexer, parseError, type Token } from './lexer.ts'
import type { Parameters } from './parameters.ts'

/** Words that cannot be names unless they are quoted. */
export const reserved: ReadonlySet<string> = new Set(
  `ALL ALTER ANY AS ASC BEGIN BY CREATE CONTINUOUS DATABASE DATABASES DEFAULT DELETE DESC DESTINATIONS DIAGNOSTICS
  DISTINCT DROP DURATION END EVERY EXPLAIN FIELD FOR FROM GRANT GRANTS GROUP GROUPS IN INF INSERT INTO KEY KEYS KILL
  LIMIT MEASUREMENT MEASUREMENTS NAME OFFSET ON ORDER PASSWORD POLICY POLICIES PRIVILEGES QUERIES QUERY READ
  REPLICATION RESAMPLE RETENTION REVOKE SELECT SERIES SET SHARD SHARDS SLIMIT SOFFSET STATS SUBSCRIPTION SUBSCRIPTIONS
  TAG TO USER USERS VALUES WHERE WITH WRITE AND OR TRUE FALSE`.split(/\s+/),
)

/** Walks over the tokens of a query. */
export class Cursor {
  readonly #lexer: Lexer
  readonly #parameters: Parameters
  #token: Token
  /** Those that were taken. */
  readonly regexes: Token[] = []

  constructor(text: string, parameters: Parameters) {
    this.#lexer = new Lexer(text)
    this.#parameters = parameters
    this.#token = this.#read(0)
  }

  get token(): Token {
    return this.#token
  }

  take(): Token {
    const taken = this.#token
    this.#token = this.#read(taken.to)
    return taken
  }

  /** The token after the present one. */
  peek(): Token {
    return this.#read(this.#token.to)
  }

  /** The words from here on, in capitals, so many at most. */
  words(most: number): string[] {
    const words: string[] = []
    for (let token = this.#token; token.kind === 'word' && words.length < most; token = this.#read(token.to)) {
      words.push(token.text.toUpperCase())
    }
    return words
  }

  /** The next token; for `$name` what it stands for. */
  #read(offset: number): Token {
    const token = this.#lexer.read(offset)
    if (token.kind !== 'parameter') return token
    const bound = this.#parameters.get(token.text)
    if (!bound) throw parseError(`missing parameter: ${token.text}`, token.at)
    return { ...token, ...bound }
  }

  isEnd(): boolean {
    return this.#token.kind === 'end'
  }

  isWord(word: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toUpperCase() === word
  }

  isOperator(operator: string): boolean {
    return this.#token.kind === 'operator' && this.#token.text === operator
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false
    this.take()
    return true
  }

  takeOperator(operator: string): boolean {
    if (!this.isOperator(operator)) return false
    this.take()
    return true
  }

  expectWord(...words: string[]): void {
    for (const word of words) if (!this.takeWord(word)) throw this.expected(word)
  }

  expectOperator(operator: string): void {
    if (!this.takeOperator(operator)) throw this.expected(operator)
  }

  /** A regular expression, if one begins here. */
  takeRegex(): Token | undefined {
    if (this.#token.kind !== 'regex' && !this.isOperator('/')) return undefined
    const regex = this.#token.kind === 'regex' ? this.#token : this.#lexer.readRegex(this.#token)
    this.#token = this.#read(regex.to)
    this.regexes.push(regex)
    return regex
  }

  isName(): boolean {
    return (
      this.#token.kind === 'quoted' || (this.#token.kind === 'word' && !reserved.has(this.#token.text.toUpperCase()))
    )
  }

  expectName(): string {
    if (!this.isName()) throw this.expected('identifier')
    return this.take().text
  }

  /** A whole number that is not negative. */
  expectCount(): number {
    if (this.#token.kind !== 'integer' || this.#token.text.startsWith('-')) throw this.expected('integer')
    return Number(this.take().text)
  }

  expected(what: string): IocError {
    return parseError(`found ${this.#token.text}, expected ${what}`, this.#token.at)
  }
}
