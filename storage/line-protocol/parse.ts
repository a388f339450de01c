import { isUtf8 } from 'node:buffer'
import { maxTime, minTime, nanosecondsPer, Points, type Precision, typeCodes } from './point.ts'

/** A line that is not line protocol. Line and column count from 1. */
export interface LineError {
  readonly line: number
  readonly column: number
  readonly reason: string
  readonly text: string
}

export interface Parsed {
  readonly points: Points
  /** The first of the lines that are none. */
  readonly errors: LineError[]
  /** How many are none. */
  refused: number
}

/** Errors that are told of, at most. */
const maxErrors = 1_000

/** Lines that are parsed before others have their turn. */
const turnLines = 10_000

const newline = 10
const carriageReturn = 13
const space = 32
const quote = 34
const hash = 35
const plus = 43
const comma = 44
const minus = 45
const dot = 46
const zero = 48
const nine = 57
const equals = 61
const backslash = 92

/** The mark that some programs begin a text with. It cannot be seen, so that names that begin with it look like others. */
const byteOrderMark = 0xfeff

/** What decoding puts in place of bytes that are not UTF-8. */
const replacement = '\ufffd'

const { float, integer, unsigned, boolean, string } = typeCodes

/** Longest measurement with its tags, and longest name of a field, as written, in characters: InfluxDB's, in bytes. */
const maxKeyLength = 65_535

/** Thrown for what is wrong with a line. No Error: to note where it was thrown takes longer than to parse a line. */
class Refused {
  readonly reason: string
  readonly at: number
  constructor(reason: string, at: number) {
    this.reason = reason
    this.at = at
  }
}

/**
 * Parses line protocol. A bad line gives an entry in `errors` and does not lose the good ones.
 * @param precision unit of the timestamps
 * @param now nanoseconds; lines without a timestamp get it, cut to the precision
 */
export function parse(body: string | Buffer, precision: Precision, now: bigint): Parsed {
  const lines = parseLines(body, precision, now)
  for (;;) {
    const step = lines.next()
    if (step.done) return step.value
  }
}

/** The same of a text that may be long: others have their turn in between. */
export async function parseInTurns(body: Buffer, precision: Precision, now: bigint): Promise<Parsed> {
  const lines = parseLines(body, precision, now)
  for (;;) {
    const step = lines.next()
    if (step.done) return step.value
    await new Promise(setImmediate)
  }
}

/** Pauses after so many lines. */
function* parseLines(body: string | Buffer, precision: Precision, now: bigint): Generator<void, Parsed> {
  const text = body.toString()
  const end = text.length
  const points = new Points(text)
  const parsed: Parsed = { points, errors: [], refused: 0 }
  const arrival = now - (now % nanosecondsPer[precision])
  const names = new FieldNames(points.names, typeof body === 'string' || isUtf8(body))
  let position = 0
  let counted = 0
  let line = 1
  let turn = 0
  while (position < end) {
    const code = text.charCodeAt(position)
    if (code === newline || code === space || code === carriageReturn || code === 9 || code === byteOrderMark) {
      position++
      continue
    }
    if (code === hash) {
      position = endOfLine(text, position) + 1
      continue
    }
    if (++turn % turnLines === 0) yield
    try {
      position = parseLine(text, position, points, names, precision, arrival) + 1
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      points.dropValues()
      const stop = endOfLine(text, position)
      if (parsed.refused++ < maxErrors) {
        line += countLines(text, counted, position)
        counted = position
        const { reason, at } = error
        parsed.errors.push({ line, column: at - position + 1, reason, text: text.slice(position, stop) })
      }
      position = stop + 1
    }
  }
  return parsed
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at === -1 ? text.length : at
}

function countLines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Adds the point of a line; gives where the line ends. */
function parseLine(
  text: string,
  from: number,
  points: Points,
  names: FieldNames,
  precision: Precision,
  now: bigint,
): number {
  const keyEnd = seriesEnd(text, from)
  checkLength(from, keyEnd)
  if (!names.areUtf8) checkReplaced(text.slice(from, keyEnd), from)
  let position = keyEnd + 1
  while (text.charCodeAt(position) === space) position++
  for (let nth = 0; ; nth++) {
    position = parseField(text, position, nth, points, names)
    if (text.charCodeAt(position) !== comma) break
    position++
  }
  let code = text.charCodeAt(position)
  while (code === space) code = text.charCodeAt(++position)
  let time = now
  if (position < text.length && code !== newline && code !== carriageReturn) {
    const stop = integerEnd(text, position)
    time = timestamp(text, position, stop, precision)
    position = stop
    code = text.charCodeAt(position)
    while (code === space) code = text.charCodeAt(++position)
  }
  if (code === carriageReturn) code = text.charCodeAt(++position)
  if (position < text.length && code !== newline) throw new Refused('bad timestamp', position)
  points.addPoint(from, keyEnd, time)
  return position
}

function checkLength(from: number, to: number): void {
  if (to - from > maxKeyLength) throw new Refused(`max key length exceeded: ${to - from} > ${maxKeyLength}`, from)
}

/** Names of different bytes would be one name: all that is not UTF-8 is decoded to one character. */
function checkReplaced(written: string, from: number): void {
  const at = written.indexOf(replacement)
  if (at !== -1) throw new Refused('invalid UTF-8 in a name or a tag', from + at)
}

function checkMark(text: string, at: number): void {
  if (text.charCodeAt(at) === byteOrderMark) throw new Refused('a name starts with a byte order mark', at)
}

/** Finds the end of measurement and tags, and checks that every tag has a key and a value. */
function seriesEnd(text: string, from: number): number {
  let position = from
  let inTags = false
  let keyStart = 0
  let valueStart = -1
  for (; ; position++) {
    const code = text.charCodeAt(position)
    if (code > comma && code !== equals && code !== backslash) continue
    if (code === backslash) {
      const next = text.charCodeAt(position + 1)
      if (next === comma || next === space || next === equals) position++
    } else if (code === comma || code === space) {
      if (!inTags) {
        if (position === from) throw new Refused('missing measurement', position)
      } else {
        if (valueStart === -1) throw new Refused('missing tag value', position)
        if (valueStart === position) throw new Refused('missing tag value', position)
      }
      if (code === space) return position
      inTags = true
      keyStart = position + 1
      valueStart = -1
    } else if (code === equals && inTags) {
      if (valueStart === position) continue // The value begins with one.
      if (valueStart !== -1) throw new Refused('invalid tag format', position)
      if (keyStart === position) throw new Refused('missing tag key', position)
      checkMark(text, keyStart)
      valueStart = position + 1
    } else if (Number.isNaN(code) || code === newline) {
      throw new Refused('missing fields', position)
    }
  }
}

/** Names of the fields of a text. Most lines have those of the line before, in their order: so one is seldom looked for. */
class FieldNames {
  readonly areUtf8: boolean
  readonly #names: string[]
  /** As they stand in the text, with the `=`. */
  readonly #written: string[] = []
  readonly #places = new Map<string, number>()
  /** Those of the line before, and of longer ones before it. */
  readonly #order: number[] = []

  /** @param areUtf8 whether all of the text is UTF-8, so that no name needs to be looked at */
  constructor(names: string[], areUtf8: boolean) {
    this.#names = names
    this.areUtf8 = areUtf8
  }

  /** The place of the name of the nth field of a line, if it is the one that the line before had there. */
  guess(text: string, from: number, nth: number): number | undefined {
    const place = this.#order[nth]
    return place !== undefined && text.startsWith(this.#written[place] as string, from) ? place : undefined
  }

  /** Characters of a name as it stands in the text, without the `=`. */
  lengthOf(place: number): number {
    return (this.#written[place] as string).length - 1
  }

  /** The place of a name as it stands in the text. */
  find(written: string, nth: number, escaped: boolean): number {
    let place = this.#places.get(written)
    if (place === undefined) {
      place = this.#names.push(escaped ? unescapeQuoted(written) : written) - 1
      this.#written.push(`${written}=`)
      this.#places.set(written, place)
    }
    this.#order[nth] = place
    return place
  }
}

function parseField(text: string, from: number, nth: number, points: Points, names: FieldNames): number {
  const guessed = names.guess(text, from, nth)
  if (guessed !== undefined) {
    return parseValue(text, from + names.lengthOf(guessed) + 1, points, guessed)
  }
  let position = from
  let escaped = false
  for (; ; position++) {
    const code = text.charCodeAt(position)
    if (code === equals) break
    if (code > comma && code !== backslash) continue
    if (code === backslash) {
      const next = text.charCodeAt(position + 1)
      if (next === comma || next === space || next === equals || next === quote) {
        escaped = true
        position++
      }
    } else if (Number.isNaN(code) || code === newline || code === space || code === comma) {
      throw new Refused(position === from ? 'missing fields' : 'invalid field format', position)
    }
  }
  if (position === from) throw new Refused('missing field key', position)
  checkLength(from, position)
  checkMark(text, from)
  if (!names.areUtf8) checkReplaced(text.slice(from, position), from)
  return parseValue(text, position + 1, points, names.find(text.slice(from, position), nth, escaped))
}

/** Takes the backslashes from `\,`, `\=` and `\ ` in a tag; any other backslash stands for itself. */
export function unescapeName(text: string): string {
  return text.replace(/\\([,= ])/g, '$1')
}

/** The same of a measurement or a field, where `\"` is an escape too. */
export function unescapeQuoted(text: string): string {
  return text.replace(/\\([,= "])/g, '$1')
}

function parseValue(text: string, from: number, points: Points, name: number): number {
  const first = text.charCodeAt(from)
  if (first === quote) return parseString(text, from, points, name)
  if (first === minus || first === plus || first === dot || (first >= zero && first <= nine)) {
    return parseNumber(text, from, points, name)
  }
  let stop = from
  while (text.charCodeAt(stop) > comma) stop++
  const word = text.slice(from, stop)
  const value = booleans.get(word)
  if (value === undefined) throw new Refused(word === '' ? 'missing field value' : 'invalid boolean', from)
  points.addNumber(name, boolean, value)
  return stop
}

const booleans = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((word) => [word, 1] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((word) => [word, 0] as const),
])

function parseString(text: string, from: number, points: Points, name: number): number {
  let escaped = false
  for (let position = from + 1; position < text.length; position++) {
    const code = text.charCodeAt(position)
    if (code === backslash) {
      escaped = true
      position++
    } else if (code === quote) {
      const inner = text.slice(from + 1, position)
      points.addOther(name, string, escaped ? inner.replace(/\\(["\\])/g, '$1') : inner)
      return position + 1
    }
  }
  throw new Refused('unbalanced quotes', from)
}

// Powers of ten up to here are exact as doubles, so that one division of two exact numbers rounds correctly.
const tens = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
const exactDigits = 15

function parseNumber(text: string, from: number, points: Points, name: number): number {
  let position = from
  let code = text.charCodeAt(position)
  const negative = code === minus
  if (negative || code === plus) code = text.charCodeAt(++position)
  let mantissa = 0
  let digits = 0
  let fraction = -1
  for (; ; code = text.charCodeAt(++position)) {
    if (code >= zero && code <= nine) {
      mantissa = mantissa * 10 + (code - zero)
      digits++
      if (fraction >= 0) fraction++
    } else if (code === dot && fraction < 0) fraction = 0
    else break
  }
  if (digits === 0) throw new Refused('invalid number', from)
  if (code === comma || code === space || code === newline || code === carriageReturn || Number.isNaN(code)) {
    const scaled = digits <= exactDigits ? (fraction > 0 ? mantissa / (tens[fraction] ?? 1) : mantissa) : undefined
    const value = scaled === undefined ? Number(text.slice(from, position)) : negative ? -scaled : scaled
    points.addNumber(name, float, value)
    return position
  }
  if ((code === 105 || code === 117) && fraction < 0) {
    const next = text.charCodeAt(position + 1)
    if (next > comma) throw new Refused('invalid number', from)
    const value = wholeNumber(text, from, position, digits, negative ? -mantissa : mantissa, code === 117)
    const type = code === 105 ? integer : unsigned
    if (typeof value === 'number') points.addNumber(name, type, value)
    else points.addOther(name, type, value)
    return position + 1
  }
  return parseExponent(text, from, position, points, name)
}

function wholeNumber(text: string, from: number, to: number, digits: number, short: number, unsigned: boolean) {
  // `-0` is a float's; an integer's zero has no sign.
  if (digits <= exactDigits && !(unsigned && short < 0)) return short === 0 ? 0 : short
  const value = BigInt(text.charCodeAt(from) === plus ? text.slice(from + 1, to) : text.slice(from, to))
  const fits = unsigned ? BigInt.asUintN(64, value) === value : BigInt.asIntN(64, value) === value
  if (!fits) throw new Refused(`unable to parse integer ${value}: value out of range`, from)
  return value
}

function parseExponent(text: string, from: number, at: number, points: Points, name: number): number {
  let stop = at
  while (text.charCodeAt(stop) > comma || text.charCodeAt(stop) === plus) stop++
  const word = text.slice(from, stop)
  if (!/^[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+$/.test(word)) throw new Refused('invalid number', from)
  const value = Number(word)
  if (!Number.isFinite(value)) throw new Refused('value out of range', from)
  points.addNumber(name, float, value)
  return stop
}

function integerEnd(text: string, from: number): number {
  let position = from
  if (text.charCodeAt(position) === minus) position++
  const first = position
  let code = text.charCodeAt(position)
  while (code >= zero && code <= nine) code = text.charCodeAt(++position)
  if (position === first) throw new Refused('bad timestamp', position)
  return position
}

const safeDigits = 15

function timestamp(text: string, from: number, to: number, precision: Precision): bigint {
  const value = to - from <= safeDigits ? BigInt(shortInteger(text, from, to)) : BigInt(text.slice(from, to))
  const time = precision === 'ns' ? value : value * nanosecondsPer[precision]
  if (time < minTime || time > maxTime) throw new Refused('time outside range', from)
  return time
}

function shortInteger(text: string, from: number, to: number): number {
  const negative = text.charCodeAt(from) === minus
  let value = 0
  for (let position = negative ? from + 1 : from; position < to; position++) {
    value = value * 10 + (text.charCodeAt(position) - zero)
  }
  return negative ? -value : value
}
