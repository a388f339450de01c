import { isIocError } from '@ioc/contract/errors.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '../testing/points.ts'
import { format } from './format.ts'
import type { FieldValue } from './point.ts'
import { formatSeriesKey, parseSeriesKey } from './series-key.ts'

const now = 42n

function only(text: string, precision: 'ns' | 'ms' | 's' = 'ns') {
  const { points, errors } = parse(text, precision, now)
  expect(errors).toEqual([])
  expect(points).toHaveLength(1)
  return points[0] as (typeof points)[number]
}

describe('parse', () => {
  it('reads every type of field', () => {
    const point = only('m,a=b f=1.5,i=-3i,u=7u,t=T,n=false,s="a \\"b\\" \\\\ c, d=e",e=-1.5E+3,p=+2,d=.5 12')
    expect(point.series).toBe('m,a=b')
    expect(point.names).toEqual(['f', 'i', 'u', 't', 'n', 's', 'e', 'p', 'd'])
    expect(point.types).toEqual([
      ...['float', 'integer', 'unsigned', 'boolean', 'boolean', 'string', 'float', 'float', 'float'],
    ])
    expect(point.values).toEqual([1.5, -3, 7, true, false, 'a "b" \\ c, d=e', -1500, 2, 0.5])
    expect(point.time).toBe(12n)
  })

  it('keeps integers of 64 bits whole, and refuses larger ones', () => {
    expect(only('m v=9223372036854775807i,w=-9223372036854775808i,x=18446744073709551615u').values).toEqual([
      ...[9223372036854775807n, -9223372036854775808n, 18446744073709551615n],
    ])
    for (const value of [
      '9223372036854775808i',
      '-1u',
      '18446744073709551616u',
      '1.5i',
      '1e400',
      '1e',
      '--1',
      '-',
      '.',
    ]) {
      expect(parse(`m v=${value} 1`, 'ns', now).errors, value).toHaveLength(1)
    }
  })

  it('understands precision, and gives lines without a timestamp the present', () => {
    expect(only('m v=1 5', 's').time).toBe(5_000_000_000n)
    expect(only('m v=1 1764000000123', 'ms').time).toBe(1_764_000_000_123_000_000n)
    expect(only('m v=1 -5').time).toBe(-5n)
    expect(only('m v=1').time).toBe(now)
    expect(only('m v=1   \r\n').time).toBe(now)
    expect(parse('m v=1 9223372036854775807', 's', now).errors[0]?.reason).toBe('time outside range')
  })

  it('takes escapes apart', () => {
    const { series, names } = only('my\\ m\\,x,ta\\=g=va\\ l\\,ue,b=c\\d fie\\=ld\\ x=1 1')
    expect(parseSeriesKey(series)).toEqual({
      measurement: 'my m,x',
      repeats: false,
      tags: [
        ['b', 'c\\d'],
        ['ta=g', 'va l,ue'],
      ],
    })
    expect(names).toEqual(['fie=ld x'])
  })

  it('skips comments and empty lines, and takes newlines in text', () => {
    const { points, errors } = parse('# a\n\n m v="x\ny" 1\r\n#b\nn v=2 2', 'ns', now)
    expect(errors).toEqual([])
    expect(points.map(({ values }) => values)).toEqual([['x\ny'], [2]])
  })

  it.each([
    ['m', 'missing fields', 2],
    ['m ', 'missing fields', 3],
    ['m,t v=1', 'missing tag value', 4],
    ['m,=x v=1', 'missing tag key', 3],
    ['m,t= v=1', 'missing tag value', 5],
    [',t=x v=1', 'missing measurement', 1],
    ['m,a=b=c v=1', 'invalid tag format', 6],
    ['m v', 'invalid field format', 4],
    ['m v=', 'missing field value', 5],
    ['m =1', 'missing field key', 3],
    ['m v=NaN', 'invalid boolean', 5],
    ['m v=inf', 'invalid boolean', 5],
    ['m v="x', 'unbalanced quotes', 5],
    ['m v=1 x', 'bad timestamp', 7],
    ['m v=1 12x', 'bad timestamp', 9],
    ['m v=1i2', 'invalid number', 5],
    [`m,t=${'x'.repeat(65_532)} v=1`, 'max key length exceeded: 65536 > 65535', 1],
    [`m ${'x'.repeat(65_536)}=1`, 'max key length exceeded: 65536 > 65535', 3],
  ])('says where %.40j is wrong', (line, reason, column) => {
    const { points, errors } = parse(`good v=1 1\n${line}\ngood v=2 2`, 'ns', now)
    expect(errors[0]).toMatchObject({ line: 2, column, reason })
    expect(points[0]?.series).toBe('good')
    // Text that nobody closed may reach into the next line; everything else leaves it alone.
    expect(points).toHaveLength(2)
  })

  it('never fails on any text, and loses no good line after a bad one', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a,= \\"\n1i.-e#tT\r') }), (text) => {
        const { points } = parse(`${text.replaceAll('"', '')}\nlast v=1 1`, 'ns', now)
        expect(points.at(-1)?.series).toBe('last')
        parse(text, 'ns', now)
      }),
    )
  })
})

describe('a text of good and bad lines', () => {
  const bad = [
    'x',
    'x ',
    ',a=b v=1',
    'x v',
    'x v=',
    'x v=1 y',
    'x,a v=1',
    'x v=nope',
    'x v=1 1 1',
    'x v=1e 1',
    '=',
    'x v=1,',
  ]
  const good = ['%', '%,a=b', '%,a\\ b=c\\,d', '%\\,x,é=表'].flatMap((series) =>
    ['v=1', 'v=-1i,w="a b,c=\\"d\\"\n#e"', 'v=t,w=1e5', 'v=7u'].map((fields) => `${series} ${fields}`),
  )
  const other = ['# comment', '', '   ', '\t# comment', '\r']

  it('reads each as if it stood alone, whatever fields those before it have', () => {
    const field = fc.tuple(
      fc.constantFrom('a', 'ab', 'b', 'a\\ b', 'a\\=b', 'a\\"', 'a"', 'time'),
      fc.constantFrom('1', '-.5', '1e3', '2i', '-9007199254740993i', '3u', 't', 'false', '"x"', '"y\\"=,"', 'no', ''),
    )
    const line = fc
      .array(field, { minLength: 1, maxLength: 4 })
      .map((fields) => `m ${fields.map(([key, value]) => `${key}=${value}`).join(',')} 1`)
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const alone = lines.map((text) => parse(text, 'ns', now))
        const { points, errors } = parse(lines.join('\n'), 'ns', now)
        expect(points).toEqual(alone.flatMap((one) => one.points))
        expect(errors).toEqual(
          alone.flatMap((one, index) => one.errors.map((error) => ({ ...error, line: index + 1 }))),
        )
      }),
    )
  })

  it('gives every good one, in order, and tells the line and column of every bad one', () => {
    const piece = fc.oneof(
      fc.constantFrom(...good).map((text) => ({ kind: 'good' as const, text })),
      fc.constantFrom(...bad).map((text) => ({ kind: 'bad' as const, text })),
      fc.constantFrom(...other).map((text) => ({ kind: 'other' as const, text })),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        let line = 1
        const expected: number[] = []
        const wrong: number[] = []
        const texts = pieces.map(({ kind, text }, index) => {
          if (kind === 'good') expected.push(index)
          if (kind === 'bad') wrong.push(line)
          line += text.split('\n').length
          return kind === 'good' ? `${text.replace('%', 'good')} ${index}` : text
        })
        const { points, errors } = parse(texts.join('\n'), 'ns', now)
        expect(points.map(({ time }) => Number(time))).toEqual(expected)
        expect(errors.map((error) => error.line)).toEqual(wrong)
        for (const { column, text } of errors) {
          expect(column).toBeGreaterThan(0)
          expect(column).toBeLessThanOrEqual(text.length + 1)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const name = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((text) => !/[\n\r]|\\$/.test(text) && !/^[\s#]/.test(text) && !text.includes('\\'))
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.string({ unit: 'grapheme' }),
)

describe('format', () => {
  it('builds what parse reads', () => {
    fc.assert(
      fc.property(
        name,
        fc.dictionary(name, name, { maxKeys: 4 }),
        fc.dictionary(name, value, { minKeys: 1, maxKeys: 5 }),
        fc.integer({ min: -8e15, max: 8e12 }),
        (measurement, tags, fields, ts) => {
          const line = format({ measurement, tags, fields, ts })
          const { points, errors } = parse(line, 'ms', now)
          if (ts < -9_223_372_036_854) {
            expect(errors[0]?.reason).toBe('time outside range')
            return
          }
          expect(errors).toEqual([])
          const [point] = points
          const key = parseSeriesKey(point?.series ?? '')
          expect(key.measurement).toBe(measurement)
          expect(new Map(key.tags)).toEqual(new Map(Object.entries(tags)))
          expect(parseSeriesKey(formatSeriesKey(key))).toEqual(key)
          expect(point?.time).toBe(BigInt(ts) * 1_000_000n)
          const read = point?.names.map((key, index) => [key, point.values[index]] as const)
          const written = Object.entries(fields).map(([key, field]) => [key, plain(field)] as const)
          expect(new Map(read?.map(([key, field]) => [key, plain(field as FieldValue)]))).toEqual(new Map(written))
        },
      ),
    )
  })

  it('refuses what line protocol cannot say', () => {
    const good = { measurement: 'm', tags: {}, fields: { v: 1 }, ts: 1 }
    for (const bad of [
      { fields: {} },
      { fields: { v: Number.NaN } },
      { fields: { v: Number.POSITIVE_INFINITY } },
      { fields: { v: 2n ** 63n } },
      { fields: { 'a\nb': 1 } },
      { tags: { a: 'x\ny' } },
      { tags: { a: 'ends in \\' } },
      { measurement: '' },
      { measurement: '#m' },
      { ts: 1.5 },
      { ts: Number.NaN },
    ]) {
      let thrown: unknown
      try {
        format({ ...good, ...bad })
      } catch (error) {
        thrown = error
      }
      expect(
        isIocError(thrown, 'LINE_INVALID'),
        JSON.stringify(bad, (_key, v) => String(v)),
      ).toBe(true)
    }
  })

  it('leaves out what is empty', () => {
    expect(
      format({ measurement: 'm', tags: { a: '', b: undefined, c: 'd' }, fields: { v: 1, w: undefined }, ts: 5 }),
    ).toBe('m,c=d v=1 5')
  })
})

/** Integers come back as numbers where these are exact. */
function plain(field: FieldValue): FieldValue {
  if (typeof field === 'bigint' && BigInt(Number(field)) === field && Number.isSafeInteger(Number(field)))
    return Number(field)
  return field
}
