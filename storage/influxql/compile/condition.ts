import { refuse } from '../errors.ts'
import { arithmetic, bitwise, isConstant, referencesIn } from '../evaluate.ts'
import { mathFunctions, mathSql } from '../functions/math.ts'
import type { Relation } from '../relation/relation.ts'
import { type Matching, type SourceSeries, seriesByTag } from '../source.ts'
import { lookupSql, sqlText } from '../sql.ts'
import type { BinaryExpression, Expression, Reference } from '../syntax/ast.ts'
import { calculateFloats, calculateIntegers, compareSql, isNumber, isWhole, type Operand } from './arithmetic.ts'

/** What a condition says about one series: all of its rows, none, or those for which the SQL is true. */
type Verdict = boolean | string

/** The series that a condition lets through, with what is left to ask of their rows. */
interface Selection {
  readonly series: SourceSeries[]
  /** SQL over the table `t`; empty where every row of the series counts. */
  readonly sql: string
}

/** Decides a condition for each series of a relation as far as tags decide it, and translates the rest to SQL. */
export async function selectSeries(
  matching: Matching,
  relation: Relation,
  condition: Expression | undefined,
): Promise<Selection> {
  if (!condition) return { series: [...relation.series], sql: '' }
  const judge = new Judge(relation, await matchRegexes(matching, relation, condition))
  const series: SourceSeries[] = []
  /** Each verdict, and its number: what is asked of the rows of a series is looked up by that of its own. */
  const numbers = new Map<Verdict, number>()
  const bySid = new Map<number, number>()
  for (const one of judge.candidates(condition) ?? relation.series) {
    const verdict = judge.verdict(condition, one)
    if (verdict === false) continue
    series.push(one)
    const number = numbers.get(verdict) ?? numbers.size
    numbers.set(verdict, number)
    bySid.set(one.sid, number)
  }
  if (numbers.size <= 1) {
    const [verdict = true] = numbers.keys()
    return { series, sql: verdict === true ? '' : String(verdict) }
  }
  const cases = [...numbers].map(([verdict, number]) => `WHEN ${number} THEN ${verdict}`)
  return { series, sql: `CASE ${lookupSql(bySid)} ${cases.join(' ')} END` }
}

/** For each comparison of a tag with a regular expression: which of the tag's values match. */
type Matches = ReadonlyMap<Expression, ReadonlySet<string>>

async function matchRegexes(matching: Matching, relation: Relation, condition: Expression): Promise<Matches> {
  const matches = new Map<Expression, ReadonlySet<string>>()
  const visit = async (expression: Expression): Promise<void> => {
    if (expression.kind !== 'binary') return
    const { left, right } = expression
    if (right.kind === 'regex' && left.kind === 'reference' && !relation.field(left)) {
      const values = relation.series.map((series) => relation.comparedTag(series, left))
      matches.set(expression, await matching(right.source, values))
    }
    await visit(left)
    await visit(right)
  }
  await visit(condition)
  return matches
}

class Judge {
  readonly #relation: Relation
  readonly #matches: Matches
  readonly #remembered = new Map<Expression, Verdict>()

  constructor(relation: Relation, matches: Matches) {
    this.#relation = relation
    this.#matches = matches
  }

  verdict(expression: Expression, series: SourceSeries): Verdict {
    if (expression.kind === 'boolean') return expression.value
    if (expression.kind !== 'binary') throw refuse('invalid condition: expected a comparison')
    if (expression.operator === 'AND') {
      const left = this.verdict(expression.left, series)
      const right = this.verdict(expression.right, series)
      if (left === false || right === false) return false
      return left === true ? right : right === true ? left : `(${left} AND ${right})`
    }
    if (expression.operator === 'OR') {
      const left = this.verdict(expression.left, series)
      const right = this.verdict(expression.right, series)
      if (left === true || right === true) return true
      return left === false ? right : right === false ? left : `(${left} OR ${right})`
    }
    const tag = this.#tagVerdict(expression, series)
    if (tag !== undefined) return tag
    let rows = this.#remembered.get(expression)
    if (rows === undefined) {
      rows = this.#rowVerdict(expression)
      this.#remembered.set(expression, rows)
    }
    return rows
  }

  /** Series, in their order, of which all others fail the condition; undefined where that is not known without asking each. */
  candidates(condition: Expression): readonly SourceSeries[] | undefined {
    if (condition.kind !== 'binary') return undefined
    const { operator, left, right } = condition
    switch (operator) {
      case 'AND': {
        const [a, b] = [this.candidates(left), this.candidates(right)]
        return a && b ? (a.length < b.length ? a : b) : (a ?? b)
      }
      case 'OR': {
        const [a, b] = [this.candidates(left), this.candidates(right)]
        return a && b && [...new Set([...a, ...b])].sort((one, other) => one.sid - other.sid)
      }
      case '=': {
        const [tag, value] = left.kind === 'string' ? [right, left] : [left, right]
        if (!this.#isTag(tag) || value.kind !== 'string' || tag.name === '_name' || tag.of === 'field') return undefined
        return seriesByTag(this.#relation.series, tag.name).get(value.value) ?? []
      }
      default:
        return undefined
    }
  }

  #isTag(expression: Expression): expression is Reference {
    if (expression.kind !== 'reference' || this.#relation.field(expression)) return false
    return this.#relation.comparesTag(expression)
  }

  #tagVerdict(comparison: BinaryExpression, series: SourceSeries): Verdict | undefined {
    const { operator, left, right } = comparison
    const [tag, other] = this.#isTag(left) ? [left, right] : [right, left]
    if (!this.#isTag(tag)) return undefined
    const value = this.#relation.comparedTag(series, tag)
    if (other.kind === 'regex') {
      const matched = this.#matches.get(comparison)?.has(value) ?? false
      if (operator === '=~') return matched
      if (operator === '!~') return !matched
    }
    const field = other.kind === 'reference' ? this.#relation.field(other) : undefined
    if (field?.type === 'string' && (operator === '=' || operator === '!=')) {
      // A tag that is missing is neither equal nor unequal to what a row holds.
      return value !== '' && tag.name !== '_name' && `(t.${field.column} ${operator} ${sqlText(value)})`
    }
    const compared =
      other.kind === 'string' ? other.value : this.#isTag(other) ? this.#relation.comparedTag(series, other) : undefined
    // A tag is text: it is neither equal nor unequal to a number or a boolean.
    if (compared === undefined) return false
    // Two tags that are both missing are not equal.
    const equal = value === compared && (other.kind === 'string' || value !== '')
    if (operator === '=') return equal
    // Tags have no order.
    return operator === '!=' && !equal
  }

  #rowVerdict(comparison: BinaryExpression): Verdict {
    const { operator, left, right } = comparison
    const a = this.#operand(left)
    if (!a) return false
    if (right.kind === 'regex') {
      if (a.type !== 'string' || left.kind !== 'reference') return false
      return operator === '=~'
        ? `regexp_matches(${a.sql}, ${sqlText(right.source)})`
        : `NOT regexp_matches(${a.sql}, ${sqlText(right.source)})`
    }
    const b = this.#operand(right)
    if (!b || isNumber(a) !== isNumber(b) || (!isNumber(a) && a.type !== b.type)) return false
    if (!comparisons.has(operator)) throw refuse('invalid condition: expected a comparison')
    if (isNumber(a)) return `(${[...this.#present(left, right), compareSql(operator, a, b)].join(' AND ')})`
    // Text and booleans have no order in InfluxDB.
    return (operator === '=' || operator === '!=') && `(${a.sql} ${operator} ${b.sql})`
  }

  /** SQL that all fields of a calculation have a value: without one its result has none. */
  #present(...expressions: Expression[]): Set<string> {
    const calculations = expressions.filter(({ kind }) => kind === 'binary' || kind === 'call')
    const references = calculations.flatMap(referencesIn)
    return new Set(references.map((one) => `t.${this.#relation.field(one)?.column} IS NOT NULL`))
  }

  #calculation({ operator, left, right }: BinaryExpression): Operand | undefined {
    const [a, b] = [this.#operand(left), this.#operand(right)]
    if (!a || !b || !isNumber(a) || !isNumber(b)) return undefined
    if (!arithmetic.has(operator)) throw refuse(`invalid condition: ${operator} in an expression`)
    // What is divided before there are any points is divided as anywhere else.
    const whole = isWhole(a.type) && isWhole(b.type) && !(operator === '/' && isConstant(left) && isConstant(right))
    if (whole) return calculateIntegers(operator, a, b)
    return bitwise.has(operator) ? undefined : calculateFloats(operator, a, b)
  }

  /** What is compared; `undefined` where it never has a value, as no field of that name is stored. */
  #operand(expression: Expression): Operand | undefined {
    switch (expression.kind) {
      case 'number':
        return literal(expression.value)
      case 'string':
        return { sql: sqlText(expression.value), type: 'string', mayBeNaN: false }
      case 'boolean':
        return { sql: String(expression.value), type: 'boolean', mayBeNaN: false }
      case 'reference': {
        const field = this.#relation.field(expression)
        return field && { ...field, sql: `t.${field.column}` }
      }
      case 'binary':
        return this.#calculation(expression)
      case 'call': {
        const math = mathFunctions.get(expression.name)
        if (!math) throw refuse(`invalid function call in condition: ${expression.name}()`)
        const operands = expression.arguments.flatMap((argument) => this.#operand(argument) ?? [])
        if (expression.arguments.length !== math.arguments) {
          throw refuse(`invalid number of arguments for ${expression.name}`)
        }
        return operands.length === math.arguments && operands.every(isNumber) ? mathSql(math, operands) : undefined
      }
      default:
        throw refuse('invalid condition: only fields, tags, time and literals can be compared')
    }
  }
}

const comparisons: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>='])

function literal(value: number | bigint): Operand {
  if (typeof value === 'number') return { sql: `'${value}'::DOUBLE`, type: 'float', mayBeNaN: false }
  const fits = BigInt.asIntN(64, value) === value
  return { sql: `${value}`, type: fits ? 'integer' : 'unsigned', mayBeNaN: false }
}
