import { maxTime, minTime } from '../line-protocol/point.ts'
import { refuse } from './errors.ts'
import type { BinaryOperator, Expression } from './syntax/ast.ts'
import { fromLocal } from './zone.ts'

/** Times that a statement looks at, in nanoseconds, both included. `undefined` where no bound was given. */
export interface TimeRange {
  from: bigint | undefined
  to: bigint | undefined
}

/** The times that are in both. */
export function intersection(a: TimeRange, b: TimeRange): TimeRange {
  return {
    from: a.from === undefined || (b.from !== undefined && b.from > a.from) ? b.from : a.from,
    to: a.to === undefined || (b.to !== undefined && b.to < a.to) ? b.to : a.to,
  }
}

export interface Clock {
  /** Nanoseconds. */
  readonly now: bigint
  readonly zone: string | undefined
}

/** Parts the conditions on time from the others. */
export function splitTime(
  where: Expression | undefined,
  clock: Clock,
): { range: TimeRange; rest: Expression | undefined } {
  const range: TimeRange = { from: undefined, to: undefined }
  const rest = where && split(where, range, clock)
  return { range, rest }
}

function split(expression: Expression, range: TimeRange, clock: Clock): Expression | undefined {
  if (expression.kind !== 'binary') return expression
  // InfluxDB joins conditions on time by AND, whatever stands between them.
  if (expression.operator === 'AND' || expression.operator === 'OR') {
    const left = split(expression.left, range, clock)
    const right = split(expression.right, range, clock)
    return left && right ? { ...expression, left, right } : (left ?? right)
  }
  if (isTime(expression.left)) return narrow(range, expression.operator, timeValue(expression.right, clock))
  if (isTime(expression.right)) return narrow(range, flipped(expression.operator), timeValue(expression.left, clock))
  if (mentionsTime(expression)) throw refuse('invalid condition: time is not allowed in an expression')
  return expression
}

function isTime(expression: Expression): boolean {
  return expression.kind === 'reference' && expression.name.toLowerCase() === 'time'
}

function mentionsTime(expression: Expression): boolean {
  if (expression.kind === 'binary') return mentionsTime(expression.left) || mentionsTime(expression.right)
  return isTime(expression)
}

function flipped(operator: BinaryOperator): BinaryOperator {
  const flips: Partial<Record<BinaryOperator, BinaryOperator>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' }
  return flips[operator] ?? operator
}

function narrow(range: TimeRange, operator: BinaryOperator, time: bigint): undefined {
  const notBefore = (bound: bigint) => {
    if (range.from === undefined || bound > range.from) range.from = bound
  }
  const notAfter = (bound: bigint) => {
    if (range.to === undefined || bound < range.to) range.to = bound
  }
  switch (operator) {
    case '>':
      return notBefore(time + 1n) as undefined
    case '>=':
      return notBefore(time) as undefined
    case '<':
      return notAfter(time - 1n) as undefined
    case '<=':
      return notAfter(time) as undefined
    case '=':
      notBefore(time)
      return notAfter(time) as undefined
    default:
      throw refuse(`invalid time comparison operator: ${operator}`)
  }
}

/** A time in nanoseconds: a literal, `now()`, or a sum of these with durations. */
export function timeValue(expression: Expression, clock: Clock): bigint {
  switch (expression.kind) {
    case 'duration':
      return expression.value
    case 'number':
      return BigInt(typeof expression.value === 'bigint' ? expression.value : Math.trunc(expression.value))
    case 'string':
      return checked(parseTimeText(expression.value, clock.zone))
    case 'call':
      if (expression.name === 'now' && expression.arguments.length === 0) return clock.now
      break
    case 'binary': {
      const left = timeValue(expression.left, clock)
      const right = timeValue(expression.right, clock)
      if (expression.operator === '+') return checked(left + right)
      if (expression.operator === '-') return checked(left - right)
      if (expression.operator === '*') return left * right
      if (expression.operator === '/' && right !== 0n) return left / right
      break
    }
    default:
      break
  }
  throw refuse('invalid operation: time is compared with a value that is not a time')
}

/** A time that can be stored. */
function checked(time: bigint): bigint {
  if (time <= minTime) throw refuse('the time underflows time literal: it is before 1677')
  if (time > maxTime) throw refuse('the time overflows time literal: it is after 2262')
  return time
}

const timeText = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?$/

function parseTimeText(text: string, zone: string | undefined): bigint {
  const match = timeText.exec(text)
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', suffix] = match ?? []
  const base = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // Date.parse turns February 30 into March 2; a date that is none must not become another.
  if (!match || Number.isNaN(base) || new Date(base).getUTCDate() !== Number(day)) {
    throw refuse(`invalid operation: "${text}" is not a time`)
  }
  const local = BigInt(base) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
  if (suffix === undefined) return fromLocal(zone, local)
  if (suffix === 'Z') return local
  const minutes = BigInt(Number(suffix.slice(1, 3)) * 60 + Number(suffix.slice(4, 6)))
  return local - (suffix.startsWith('-') ? -minutes : minutes) * 60_000_000_000n
}
