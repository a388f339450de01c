import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfDeclaredTypes } from '@ioc/contract/device-types/self-declared.ts'
import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import { parseStatus } from '@ioc/contract/messages/status.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import { readTypes, typesFile } from '@ioc/runtime/types-file.ts'
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

let dataDir: string
let path: string
let registry: TypeRegistry
let changes: boolean[]
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'ioc-types-'))
  path = typesFile(dataDir)
  changes = []
  registry = openTypeRegistry(dataDir, (isComputed) => changes.push(isComputed))
})

test('a type holds at once, and after the registry is opened again', () => {
  expect(registry.offer('a/n', [counter])).toEqual([])
  expect(findDeviceType('people_counter')).toMatchObject({ owner: 'a/n', version: 1, cadence_s: 60 })
  expect(findDeviceType('people_counter')?.metrics['door']).toEqual({
    kind: 'string',
    unit: '1',
    title: { vi: 'Cửa', en: 'Cửa' },
  })
  openTypeRegistry(mkdtempSync(join(tmpdir(), 'ioc-types-')), () => undefined)
  expect(findDeviceType('people_counter')).toBeUndefined()
  openTypeRegistry(dataDir, () => undefined)
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

describe('a type that is removed', () => {
  test('is gone, also after a restart, and is refused while nodes declare it', () => {
    registry.offer('a/n', [counter, { ...counter, id: 'bin_level' }])
    expect(registry.remove('people_counter', 5)).toBe(true)
    expect(registry.remove('people_counter', 6)).toBe(false)
    expect(registry.remove('weather', 6)).toBe(false)
    for (const node of ['a/n', 'b/n']) {
      expect(registry.offer(node, [counter])).toEqual([expect.stringContaining('ioc type restore people_counter')])
    }
    const again = openTypeRegistry(dataDir, () => undefined)
    expect([...selfDeclaredTypes().keys()]).toEqual(['bin_level'])
    expect(again.offer('a/n', [counter])).toHaveLength(1)
    expect(readTypes(dataDir).map(({ id, removed }) => [id, removed])).toEqual([
      ['bin_level', undefined],
      ['people_counter', 5],
    ])
    expect(changes).toEqual([true, true])
  })

  test('comes back as it was, with kind and unit of its metrics', () => {
    registry.offer('a/n', [counter])
    registry.remove('people_counter', 5)
    expect(registry.restore('people_counter')).toBeUndefined()
    expect(findDeviceType('people_counter')).toMatchObject({ owner: 'a/n', version: 2, title: { vi: 'Đếm người' } })
    expect(findDeviceType('people_counter')).not.toHaveProperty('removed')
    expect(registry.offer('b/n', [{ ...counter, metrics: { people: metric('%') } }])).toHaveLength(1)
    expect(registry.offer('a/n', [counter])).toEqual([])
    expect(registry.restore('people_counter')).toBeUndefined()
    expect(registry.restore('never_declared')).toBe('no type never_declared was removed')
  })

  test('makes room for another of its node; without room it does not come back', () => {
    const many = Array.from({ length: 16 }, (_, n) => ({ ...counter, id: `type_${n}` }))
    expect(registry.offer('a/n', many)).toEqual([])
    expect(registry.offer('a/n', [{ ...counter, id: 'one_more' }])).toHaveLength(1)
    registry.remove('type_3', 5)
    expect(registry.offer('a/n', [{ ...counter, id: 'one_more' }])).toEqual([])
    expect(registry.restore('type_3')).toMatch(/already declared 16 types/)
  })

  test('is not kept for ever: beyond 200 the oldest is evicted, and may be declared anew', () => {
    for (let n = 0; n <= 200; n++) {
      registry.offer('a/n', [{ ...counter, id: `type_${n}` }])
      registry.remove(`type_${n}`, n)
    }
    expect(readTypes(dataDir)).toHaveLength(200)
    expect(registry.offer('a/n', [{ ...counter, id: 'type_0' }])).toEqual([])
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
