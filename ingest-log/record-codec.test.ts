import { expect, test } from 'vitest'
import { type LogRecord, recordCodes } from './ingest-log.ts'
import { decodeBatch, encodeBatch } from './record-codec.ts'

const records = Object.keys(recordCodes).map((kind): LogRecord => {
  return { kind: kind as LogRecord['kind'], site: 's', node: 'n', arrival: 1, payload: Buffer.from('{}') }
})

test('the bytes of a record never change', () => {
  const golden = (code: string) => `${code}010100000000000000f03f02000000736e7b7d`
  expect(encodeBatch(records).toString('hex')).toBe(['00', '01', '02', '03', '04', '05'].map(golden).join(''))
})

test('a batch is decoded to the records it was made of', () => {
  expect(decodeBatch(encodeBatch(records))).toEqual(records)
})

test('a kind that a newer version wrote is an error, not another kind', () => {
  const batch = encodeBatch(records.slice(0, 1))
  batch[0] = 99
  expect(() => decodeBatch(batch)).toThrow('unknown record kind 99')
})
