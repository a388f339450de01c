import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caseTypes } from '../case-types/table.ts'
import { deviceTypes, findDeviceType } from '../device-types/table.ts'
import { isMetricName, isSlug } from '../names.ts'
import { parseCases } from './cases.ts'
import type { OnProblem, Problem } from './problem.ts'
import { isStaleStatus } from './session.ts'
import { parseStatus, type Status } from './status.ts'
import { parseTelemetry } from './telemetry.ts'

const bytes = (json: unknown) => Buffer.from(JSON.stringify(json))
const record = { device: 'aq-01', ts: 1_764_000_000_000, values: { pm25: 18.2, pm10: 31 } }
const envelope = { epoch: 'k3f9a', seq: 1201, sent: 1_764_000_000_123, replay: false }

const hundred = <T>(one: T): T[] => Array<T>(100).fill(one)

/** What a parser reads, and what it reports. */
function read<T>(parse: (payload: Uint8Array, onProblem: OnProblem) => T, payload: unknown) {
  const problems: Problem[] = []
  const result = parse(payload instanceof Uint8Array ? payload : bytes(payload), (one) => problems.push(one))
  return { result, problems }
}

describe('messages', () => {
  test('telemetry comes as an envelope, as a record, or flat', () => {
    expect(parseTelemetry(bytes({ ...envelope, records: [record] }))).toMatchObject({
      kind: 'envelope',
      message: { seq: 1201 },
    })
    expect(parseTelemetry(bytes({ ts: 5, values: { pm25: 1 } }))).toEqual({
      kind: 'bare',
      record: { ts: 5, values: { pm25: 1 } },
    })
    expect(parseTelemetry(bytes({ pm25: 18.2, type: 'air_quality' }))).toEqual({
      kind: 'bare',
      record: { type: 'air_quality', values: { pm25: 18.2 } },
    })
  })

  test('any bytes give a message or one of two errors', () => {
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ epoch: fc.anything(), seq: fc.anything(), records: fc.anything() })
        .map((json) => Buffer.from(JSON.stringify(json) ?? '')),
    )
    fc.assert(
      fc.property(payload, fc.constantFrom(parseTelemetry, parseCases, parseStatus), (input, parse) => {
        try {
          parse(input)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^PAYLOAD_(NOT_JSON|INVALID)$/) })
        }
      }),
    )
  })

  test('one bad record among a hundred is reported, and the others are read', () => {
    const faulty = { ...record, ts: 'yesterday' }
    const { result, problems } = read(parseTelemetry, { ...envelope, records: [...hundred(record), faulty] })
    expect(result).toMatchObject({ kind: 'envelope', message: { seq: 1201, records: hundred(record) } })
    expect(problems).toEqual([
      { record: 100, reason: expect.stringMatching(/^aq-01: ts: got "yesterday"/), raw: faulty },
    ])
  })

  test('of a message of which nothing is left the reasons are the error', () => {
    const faulty = { ...envelope, records: [{ device: 'a', ts: 1, values: { y: [] } }, { ts: 1 }] }
    expect(() => parseTelemetry(bytes(faulty))).toThrow('record 2: device: got nothing')
    expect(() => parseTelemetry(bytes({ ...envelope, records: [] }))).toThrow('records: got a list of 0')
    expect(() => parseTelemetry(bytes({ ...envelope, seq: 0, records: [record] }))).toThrow('seq: got 0')
    expect(() => parseTelemetry(bytes({ ...envelope, epoch: 7, records: [record] }))).toThrow('epoch: got 7')
    expect(() => parseTelemetry(bytes({}))).toThrow('got no values')
    expect(() => parseTelemetry(bytes([record]))).toThrow('expected a JSON object')
  })

  test('records without a number are read: what an operator sends again has none', () => {
    expect(parseTelemetry(bytes({ replay: true, records: [record] }))).toEqual({
      kind: 'unnumbered',
      message: { replay: true, records: [record] },
    })
  })

  test('what is of the shape that the schema asks for is read the same without the schema', () => {
    const wrong = { ...record, ts: 'x' }
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/), fc.jsonValue(), { minKeys: 1 }),
        (values) => {
          const strict = read(parseTelemetry, { ...envelope, records: [record, { ...record, values }] })
          const lenient = read(parseTelemetry, { ...envelope, records: [record, { ...record, values }, wrong] })
          if (strict.problems.length > 0 || lenient.problems.length !== 1) return
          expect((lenient.result as { message: object }).message).toEqual(
            (strict.result as { message: object }).message,
          )
        },
      ),
    )
  })

  describe('bytes around and inside of JSON', () => {
    test.each([
      ['a NUL byte after it', '{"x":1}\0'],
      ['the rest of a buffer after a NUL byte', '{"x":1}\0\0{"y":'],
      ['a byte order mark', '\ufeff{"x":1}'],
      ['blanks and line breaks', ' \r\n{"x":1}\n\t '],
      ['a token in place of a number', '{"x":1,"z":NaN}'],
      ['the same, as C prints it', '{"x":1,"z":-nan,"u":inf,"v":-Infinity}'],
      ['a number beyond what one can hold', '{"x":1,"z":1e400}'],
    ])('%s', (_what, text) => {
      const { result, problems } = read(parseTelemetry, Buffer.from(text))
      expect(result).toEqual({ kind: 'bare', record: { values: { x: 1 } } })
      for (const { reason } of problems) expect(reason).toMatch(/^[zuv]: got NaN, Infinity or a number beyond/)
      expect(problems).toHaveLength(text.includes('z') ? 1 : 0)
    })

    test('words in texts are texts', () => {
      const { result } = read(parseTelemetry, Buffer.from('{"x":NaN,"y":"NaN \\" inf","nan":1}'))
      expect(result).toEqual({ kind: 'bare', record: { values: { y: 'NaN " inf', nan: 1 } } })
    })

    test('bytes that are not UTF-8 cost only their own characters', () => {
      const { result } = read(parseTelemetry, Buffer.from('{"unit":"\xb0C","x":21}', 'latin1'))
      expect(result).toEqual({ kind: 'bare', record: { values: { unit: '\ufffdC', x: 21 } } })
    })

    test('deep and wide payloads are bounded', () => {
      const deep = `{"x":1,"y":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`
      expect(read(parseTelemetry, Buffer.from(deep))).toMatchObject({
        result: { record: { values: { x: 1 } } },
        problems: [{ reason: expect.stringContaining('at most 8 levels') }],
      })
      const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`v${index}`, index]))
      const { result, problems } = read(parseTelemetry, wide)
      expect(Object.keys((result as { record: { values: object } }).record.values)).toHaveLength(256)
      expect(problems[0]?.reason).toMatch(/and 4734 more$/)
      expect(read(parseTelemetry, { x: 1, list: Array(17).fill(1) }).problems[0]?.reason).toContain('a list of 17')
    })
  })

  test('a case is a whole case', () => {
    const one = {
      device: 'mot-cua',
      ts: 1,
      case: { id: '000.01', state: '4', opened: 1, due: 2, closed: null, linh_vuc: 'đất đai' },
    }
    expect(parseCases(bytes({ ...envelope, records: [one] })).records[0]?.case).toMatchObject({ linh_vuc: 'đất đai' })
    expect(() => parseCases(bytes({ ...envelope, records: [{ ...one, case: { id: 'x' } }] }))).toThrow(
      'mot-cua, case "x": state: got nothing',
    )
  })

  test('one bad case among a hundred is reported, and the others are read', () => {
    const one = (change: object) => ({ device: 'mot-cua', ts: 1, case: { id: 'x', state: '4', opened: 1, ...change } })
    const faulty = [one({ opened: null }), one({ due: 'soon' }), { ...one({}), device: '' }, 5, one({ id: '' })]
    const { result, problems } = read(parseCases, { ...envelope, records: [...hundred(one({})), ...faulty] })
    expect(result.records).toHaveLength(100)
    expect(problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^mot-cua, case "x": opened: got nothing; expected a time/),
      expect.stringMatching(/^mot-cua, case "x": due: got "soon"; expected milliseconds/),
      expect.stringMatching(/^record 103, case "x": device: got ""/),
      expect.stringMatching(/^record 104: got 5; expected a record/),
      expect.stringMatching(/^mot-cua, case "": id: got ""; expected a text/),
    ])
  })

  test('names, numbers and times of a case are read as those of a measurement', () => {
    const one = { id: 17, state: 4, opened: '2026-06-30T08:00', 'lĩnh vực': 'đất đai', diện: { 'tích m²': 120 } }
    expect(read(parseCases, { ...envelope, records: [{ device: 'Một cửa', ts: 1, case: one }] })).toEqual({
      result: {
        ...envelope,
        records: [
          {
            device: 'Mot_cua',
            ts: 1,
            case: {
              id: '17',
              state: '4',
              opened: Date.UTC(2026, 5, 30, 1),
              due: null,
              closed: null,
              linh_vuc: 'đất đai',
              dien_tich_m2: 120,
            },
          },
        ],
      },
      problems: [],
    })
  })

  test('a status is a birth or a will', () => {
    const birth = {
      online: true,
      session: 5,
      agent: { version: '1', host: 'h' },
      devices: [{ id: 'a', lat: 11.77, lon: 108.48 }],
    }
    expect(parseStatus(bytes(birth))).toEqual(birth)
    expect(parseStatus(bytes({ online: false, session: 5 }))).toEqual({ online: false, session: 5 })
    expect(() => parseStatus(bytes({ ...birth, session: -1 }))).toThrow('session: got -1; expected')
    expect(() => parseStatus(bytes({ ...birth, online: 1 }))).toThrow('online: got 1; expected')
    expect(() => parseStatus(bytes({ ...birth, devices: 5 }))).toThrow('devices: got 5; expected')
  })

  test('one bad device of a birth, or one bad word of a device, loses nothing else', () => {
    const good = Array.from({ length: 99 }, (_, index) => ({
      id: `d${index}`,
      type: 'weather',
      lat: 11,
      cadence_s: 60,
    }))
    const faulty = [{ id: null }, { id: 'a/b' }, { id: 'A b', lon: 200, cadence_s: 0, name: 'n'.repeat(201) }, 'x']
    const birth = { online: true, session: 5, devices: [...good, ...faulty, { id: 'a b' }, { id: 'A-b ' }] }
    const { result, problems } = read(parseStatus, birth)
    expect((result as { devices: unknown[] }).devices).toEqual([
      ...good,
      { id: 'a_b', name: 'a/b' },
      { id: 'A_b' },
      { id: 'A-b', name: 'A-b ' },
    ])
    expect(problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^record 100: id: got null/),
      expect.stringMatching(/^A b: name: got .*lon: got 200; expected a number from -180 to 180.*cadence_s: got 0/),
      expect.stringMatching(/^record 103: got "x"/),
      expect.stringMatching(/^a b: id: another device of this birth already has the id a_b/),
    ])
  })
})

describe('a status that must be ignored', () => {
  const birth = (session: number): Status => {
    return { online: true, session, agent: { version: '1', host: 'h' }, devices: [] }
  }
  const will = (session: number): Status => ({ online: false, session })

  test.each([
    ['a birth of an earlier session is none', birth(5), 900_000, false],
    ['a birth of the same session is none', birth(5), 5, false],
    ['a will of the last birth is none', will(5), 5, false],
    ['a will of an earlier session', will(4), 5, true],
    ['a will of a later session', will(900_000), 5, true],
    ['a will before any birth is none', will(0), undefined, false],
  ])('%s', (_what, status, session, stale) => {
    expect(isStaleStatus(status, session)).toBe(stale)
  })
})

describe('device types', () => {
  test.each(Object.entries(deviceTypes))('%s is well declared', (id, type) => {
    expect(type.id).toBe(id)
    expect(isSlug(id)).toBe(true)
    for (const [name, metric] of Object.entries(type.metrics)) {
      expect(isMetricName(name)).toBe(true)
      expect(metric.title.vi && metric.title.en && metric.unit).toBeTruthy()
      // The columns of roll-ups are named after these.
      expect(name).not.toMatch(/_(min|mean|max|count)$/)
      if (metric.kind === 'number') expect(metric.max).toBeGreaterThan(metric.min)
    }
    expect(findDeviceType(id)).toBe(type)
  })

  test.each(Object.entries(caseTypes))('attributes of %s have no reserved names', (_id, { attributes }) => {
    for (const name of Object.keys(attributes)) expect(isMetricName(name), name).toBe(true)
  })

  test('what every object has is no type', () => {
    expect(findDeviceType('toString')).toBeUndefined()
  })
})
