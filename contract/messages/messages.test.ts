import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deviceTypes, findDeviceType } from '../device-types/table.ts'
import { isMetricName, isSlug } from '../names.ts'
import { parseCases } from './cases.ts'
import { isStaleStatus } from './session.ts'
import { parseStatus, type Status } from './status.ts'
import { parseTelemetry } from './telemetry.ts'

const bytes = (json: unknown) => Buffer.from(JSON.stringify(json))
const record = { device: 'aq-01', ts: 1_764_000_000_000, values: { pm25: 18.2, pm10: 31 } }
const envelope = { epoch: 'k3f9a', seq: 1201, sent: 1_764_000_000_123, replay: false }

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

  test('a fault is named with its place', () => {
    const faulty = { ...envelope, records: [record, { ...record, ts: 'yesterday' }] }
    expect(() => parseTelemetry(bytes(faulty))).toThrow('/records/1/ts')
  })

  test('a case is a whole case', () => {
    const one = {
      device: 'mot-cua',
      ts: 1,
      case: { id: '000.01', state: '4', opened: 1, due: 2, closed: null, linh_vuc: 'đất đai' },
    }
    expect(parseCases(bytes({ ...envelope, records: [one] })).records[0]?.case).toMatchObject({ linh_vuc: 'đất đai' })
    expect(() => parseCases(bytes({ ...envelope, records: [{ ...one, case: { id: 'x' } }] }))).toThrow('case')
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
    expect(() => parseStatus(bytes({ ...birth, devices: [{ id: 'a/b' }] }))).toThrow('/devices/0/id')
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
    }
    expect(findDeviceType(id)).toBe(type)
  })

  test('what every object has is no type', () => {
    expect(findDeviceType('toString')).toBeUndefined()
  })
})
