import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTypeRegistry, type TypeRegistry } from './registry.ts'

const counter: TypeDeclaration = {
  id: 'people_counter',
  title: { vi: 'Đếm người', en: 'People counter' },
  cadence_s: 60,
  metrics: {
    people: { unit: '1', title: { vi: 'Số người', en: 'People' }, min: 0, max: 10_000 },
    door: { kind: 'string', title: { vi: 'Cửa' } },
  },
}
const metric = (unit: string) => ({ unit, title: { vi: 'x' } })

let path: string
let registry: TypeRegistry
let changes: boolean[]
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'ioc-types-')), 'types.json')
  changes = []
  registry = openTypeRegistry(path, (isComputed) => changes.push(isComputed))
})

test('a type holds at once, and after the registry is opened again', () => {
  expect(registry.offer('a/n', [counter])).toEqual([])
  expect(findDeviceType('people_counter')).toMatchObject({ owner: 'a/n', version: 1, cadence_s: 60 })
  expect(findDeviceType('people_counter')?.metrics['door']).toEqual({
    kind: 'string',
    unit: '1',
    title: { vi: 'Cửa', en: 'Cửa' },
  })
  openTypeRegistry(join(path, '../other.json'), () => undefined)
  expect(findDeviceType('people_counter')).toBeUndefined()
  openTypeRegistry(path, () => undefined)
  expect(findDeviceType('people_counter')?.title.en).toBe('People counter')
})

test('a declaration that says the same again changes nothing', () => {
  registry.offer('a/n', [counter])
  const text = readFileSync(path, 'utf8')
  registry.offer('a/n', [counter])
  registry.offer('b/n', [counter])
  expect(changes).toEqual([true])
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('its owner changes titles and limits; another node only adds metrics', () => {
  registry.offer('a/n', [counter])
  registry.offer('b/n', [{ ...counter, title: { vi: 'Khác' }, metrics: { dwell_s: metric('s'), people: metric('1') } }])
  const both = findDeviceType('people_counter')
  expect(both?.title.vi).toBe('Đếm người')
  expect(both?.metrics['people']?.max).toBe(10_000)
  expect(both?.metrics['dwell_s']?.unit).toBe('s')
  registry.offer('a/n', [{ ...counter, title: { vi: 'Đếm khách' } }])
  expect(findDeviceType('people_counter')).toMatchObject({ title: { vi: 'Đếm khách' }, version: 3 })
  expect(Object.keys(findDeviceType('people_counter')?.metrics ?? {})).toEqual(['people', 'door', 'dwell_s'])
  expect(changes).toEqual([true, true, false])
})

describe('a declaration is refused, and others of the birth are not, where', () => {
  test.each<[string, TypeDeclaration, RegExp]>([
    ['the centre has the type', { ...counter, id: 'weather' }, /centre has a type/],
    ['the name is a kind of case', { ...counter, id: 'one_stop' }, /reserved/],
    ['the name is a measurement of the centre', { ...counter, id: 'indicator' }, /reserved/],
    [
      'an indicator would have the name of one of another type',
      { ...counter, id: 'people', metrics: { counter_people: metric('1') } },
      /people_counter_people_last has the name of another indicator/,
    ],
    [
      'another node has another unit',
      { ...counter, metrics: { people: metric('min') } },
      /people: declared as number in min; it is already known as number in 1, by a\/n/,
    ],
    [
      'another node has another kind',
      { ...counter, metrics: { door: metric('1') } },
      /door: declared as number in 1; it is already known as string/,
    ],
  ])('%s', (_, declaration, reason) => {
    registry.offer('a/n', [counter])
    const other = { ...counter, id: 'bin_level' }
    const reasons = registry.offer('b/n', [declaration, other])
    expect(reasons).toEqual([expect.stringMatching(reason)])
    expect([...selfDeclaredTypes().keys()]).toEqual(['people_counter', 'bin_level'])
  })

  test('a node declares more types than it may', () => {
    const many = Array.from({ length: 20 }, (_, n) => ({ ...counter, id: `type_${n}` }))
    expect(registry.offer('a/n', many)).toHaveLength(4)
    expect(registry.offer('b/n', [{ ...counter, id: 'other' }])).toEqual([])
  })
})

const birth = (types: unknown) =>
  Buffer.from(
    JSON.stringify({ online: true, session: 1, agent: { version: '1', host: 'h' }, devices: [{ id: 'd' }], types }),
  )

test('a declaration that cannot be read loses neither the birth nor the other declarations', () => {
  const reasons: string[] = []
  const status = parseStatus(birth([counter, { ...counter, id: 'Bad Name' }, 7]), ({ reason }) => reasons.push(reason))
  expect(status).toMatchObject({ devices: [{ id: 'd' }], types: [counter] })
  expect(reasons).toHaveLength(2)
  expect(reasons[0]).toContain('small letters')
})

test.each<[string, object, RegExp]>([
  ['no title', { title: undefined }, /title/],
  ['a cadence of zero', { cadence_s: 0 }, /cadence_s: got 0/],
  ['a cadence of a year', { cadence_s: 31_536_000 }, /cadence_s/],
  ['no metrics', { metrics: {} }, /1 to 64 metrics/],
  ['a metric with a reserved name', { metrics: { time: metric('s') } }, /metric "time"/],
  ['a metric that hides a prototype', { metrics: JSON.parse('{"__proto__": {"title": {"vi": "x"}}}') }, /__proto__/],
  ['a minimum above the maximum', { metrics: { x: { ...metric('1'), min: 2, max: 1 } } }, /min is above max/],
  ['levels of a text', { metrics: { x: { ...metric('1'), kind: 'string', min: 1 } } }, /only a number/],
  ['an id that ends like a rollup', { id: 'soil_1h' }, /id/],
])('a declaration with %s is refused with a reason', (_, change, reason) => {
  const reasons: string[] = []
  const status = parseStatus(birth([{ ...counter, ...change }]), (problem) => reasons.push(problem.reason))
  expect(status).not.toHaveProperty('types')
  expect(reasons.join()).toMatch(reason)
})

test.each([
  ['no list', {}],
  ['too many', Array.from({ length: 9 }, () => counter)],
])('types that are %s leave the birth', (_, types) => {
  const reasons: string[] = []
  expect(parseStatus(birth(types), ({ reason }) => reasons.push(reason))).not.toHaveProperty('types')
  expect(reasons.join()).toContain('at most 8 declarations')
})
