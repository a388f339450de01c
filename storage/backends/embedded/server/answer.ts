import type { Answer, AnswerSeries, Value } from '../../../influxql/source.ts'
import { formatTime } from '../../../influxql/zone.ts'
import { escapeName } from '../../../line-protocol/series-key.ts'

/** Unit of the times in an answer; `undefined` for text as RFC 3339. */
export type Epoch = bigint | undefined

/** What became of one statement. */
export interface Outcome {
  readonly answer?: Answer
  readonly error?: string
  /** Whether each series is handed over whole and by itself, as InfluxDB does with what its index alone answers. */
  readonly whole?: boolean
}

/** Text of an answer, from its beginning: it may be long, and others wait for as long as a piece of it takes. */
type Pieces = Generator<string, void>

/** Shortest piece of a long text, in characters. */
const pieceLength = 20_000

/** InfluxDB 1.x's JSON. Integers of 64 bits are written whole, which JSON allows and JSON.stringify cannot. */
export function toJson(outcomes: readonly Outcome[], epoch: Epoch, pretty: boolean): Pieces {
  const results = outcomes.map((outcome, id) => resultJson(id, outcome, outcome.answer?.series ?? [], epoch))
  return responseJson(results, pretty)
}

/**
 * The same in chunks, each a whole response of some rows of one series; `partial` says that more of the series, or of
 * the statement, follow.
 * @param size rows of a chunk, at most
 */
export function* toChunks(outcomes: readonly Outcome[], epoch: Epoch, pretty: boolean, size: number): Pieces {
  for (const [id, outcome] of outcomes.entries()) {
    const pieces = (outcome.answer?.series ?? []).flatMap((series) => {
      const count = outcome.whole ? 1 : Math.max(1, Math.ceil(series.values.length / size))
      return Array.from({ length: count }, (_, index) => ({
        ...series,
        values: count === 1 ? series.values : series.values.slice(index * size, (index + 1) * size),
        partial: index < count - 1,
      }))
    })
    if (pieces.length === 0) yield* responseJson([resultJson(id, outcome, [], epoch)], pretty)
    for (const [index, piece] of pieces.entries()) {
      const partial = !outcome.whole && index < pieces.length - 1
      yield* responseJson([resultJson(id, outcome, [piece], epoch, partial)], pretty)
    }
  }
}

/** Series of an answer, or rows of one that others follow. */
type Piece = AnswerSeries & { readonly partial?: boolean }

function* responseJson(results: readonly Pieces[], pretty: boolean): Pieces {
  const text = joined(results)
  yield* pretty ? indent(text) : text
  yield '\n'
}

function* joined(results: readonly Pieces[]): Pieces {
  // A query of no statement, as of comments alone, has no results at all.
  if (results.length === 0) return yield '{}'
  yield '{"results":['
  for (const [index, result] of results.entries()) {
    if (index > 0) yield ','
    yield* result
  }
  yield ']}'
}

function* resultJson(
  id: number,
  { answer, error }: Outcome,
  series: readonly Piece[],
  epoch: Epoch,
  partial = false,
): Pieces {
  yield `{"statement_id":${id}`
  for (const [index, one] of series.entries()) {
    yield index === 0 ? ',"series":[' : ','
    yield* seriesJson(one, epoch, answer?.zone)
  }
  yield `${series.length > 0 ? ']' : ''}${error === undefined ? '' : `,"error":${JSON.stringify(error)}`}`
  yield partial ? ',"partial":true}' : '}'
}

function* seriesJson(series: Piece, epoch: Epoch, zone: string | undefined): Pieces {
  let text = '{'
  if (series.name !== undefined) text += `"name":${JSON.stringify(series.name)},`
  if (series.tags) text += `"tags":${JSON.stringify(series.tags)},`
  text += `"columns":${JSON.stringify(series.columns)},"values":[`
  for (let place = 0; place < series.values.length; place++) {
    const row = series.values[place] as Value[]
    text += place > 0 ? ',[' : '['
    for (let index = 0; index < row.length; index++) {
      if (index > 0) text += ','
      text += series.timed && index === 0 ? timeJson(row[0] as bigint, epoch, zone) : valueJson(row[index] as Value)
    }
    text += ']'
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  yield `${text}]${series.partial ? ',"partial":true' : ''}}`
}

function timeJson(time: bigint, epoch: Epoch, zone: string | undefined): string {
  return epoch === undefined ? `"${formatTime(time, zone)}"` : String(time / epoch)
}

function valueJson(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'number') return String(value)
  // NaN and infinity, which sums may come to, have no JSON.
  if (!Number.isFinite(value)) return 'null'
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Indents JSON without reading its numbers, which would round the large ones. No piece ends within a text or number. */
function* indent(pieces: Pieces): Pieces {
  let depth = 0
  for (const piece of pieces) {
    let text = ''
    for (const [token] of piece.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^[\]{},:"]+/g)) {
      if (token === '{' || token === '[') text += `${token}\n${'    '.repeat(++depth)}`
      else if (token === '}' || token === ']') text += `\n${'    '.repeat(--depth)}${token}`
      else if (token === ',') text += `,\n${'    '.repeat(depth)}`
      else text += token === ':' ? ': ' : token
    }
    yield text
  }
}

/** InfluxDB's CSV: one line of names for each statement and shape, tags in one column, times always in numbers. */
export function* toCsv(outcomes: readonly Outcome[], epoch: Epoch): Pieces {
  let begun = false
  for (const { answer, error } of outcomes) {
    let header = ''
    if (error !== undefined) {
      yield `${begun ? '\n' : ''}error\n${csvCell(error)}\n`
      begun = true
    }
    for (const series of answer?.series ?? []) {
      const names = ['name', 'tags', ...series.columns].map(csvCell).join(',')
      if (names !== header) {
        yield `${begun ? '\n' : ''}${names}\n`
        begun = true
        header = names
      }
      const tags = Object.entries(series.tags ?? {}).flatMap(([key, value]) =>
        value === '' ? [] : `${escapeName(key)}=${escapeName(value)}`,
      )
      const start = `${csvCell(series.name ?? '')},${csvCell(tags.join(','))}`
      for (const row of series.values) {
        const cells = row.map((value, index) =>
          series.timed && index === 0 ? String((value as bigint) / (epoch ?? 1n)) : csvCell(csvText(value)),
        )
        yield `${[start, ...cells].join(',')}\n`
      }
    }
  }
}

function csvText(value: Value): string {
  if (value === null || Number.isNaN(value)) return ''
  return typeof value === 'number' ? withoutExponent(String(value)) : String(value)
}

/** A number's digits with as many zeros before or after them as it takes to write no exponent. */
function withoutExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return text
  const [, sign = '', first = '', rest = '', power = ''] = match
  const digits = first + rest
  const exponent = Number(power)
  return exponent < 0 ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` : sign + digits.padEnd(exponent + 1, '0')
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
