import { createDecipheriv, createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundedContext } from './bounded-context.ts'
import { encryptCredentials } from './credentials.ts'
import { allFiles, coreNodes, filesOf, isKnownType } from './palette.ts'
import { readCase, readMeasurement } from './records.ts'

const require = createRequire(import.meta.url)
const core = join(dirname(require.resolve('@node-red/nodes/package.json')), 'core')

/** Sources of Node-RED's own nodes, by file name. */
const sources = new Map(
  readdirSync(core, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.js'))
    .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'utf8')]),
)

describe('the palette', () => {
  test.each(Object.entries(coreNodes))('has the types that %s of Node-RED registers', (file, types) => {
    const registered = [...(sources.get(file) ?? '').matchAll(/registerType\(\s*["']([^"']+)["']/g)].map(
      ([, type]) => type,
    )
    expect(registered.sort()).toEqual([...types].sort())
  })

  test('has no nodes that start programs or open web servers', () => {
    expect(['exec', 'http in', 'http response', 'websocket in'].filter(isKnownType)).toEqual([])
  })

  test('loads only the files of the types that are used, and those of this project', () => {
    expect(filesOf(['mqtt in', 'mqtt-broker', 'tab', 'ioc out'])).toEqual(['nodes', '10-mqtt.js'])
    expect(allFiles()).toContain('10-function.js')
  })
})

describe('records of flows', () => {
  const now = 1764000000000

  test('are measurements of now where they have no time', () => {
    expect(readMeasurement({ device: 'd', values: { t: 1, ok: true, text: 'x', none: null } }, now).record).toEqual({
      device: 'd',
      ts: now,
      values: { t: 1, ok: true, text: 'x', none: null },
    })
  })

  test.each([
    [{ id: '', state: 'new', opened: now }, 'id: '],
    [{ id: 'H1', opened: now }, 'state: '],
    [{ id: 'H1', state: 'new', opened: '2026-11-30' }, 'opened: '],
    [{ id: 'H1', state: 'new', opened: now, due: 'tomorrow' }, 'due: '],
    [{ id: 'H1', state: 'new', opened: now, nested: {} }, 'nested: '],
  ])('of a case %j are refused with the field that is wrong, in both languages', (one, reason) => {
    const read = readCase({ device: 'd', case: one }, now).reason
    expect([read?.en, read?.vi]).toEqual([expect.stringContaining(reason), expect.stringContaining(reason)])
  })

  test('never throw, whatever a flow writes', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        for (const read of [readMeasurement, readCase]) {
          const { record, reason } = read(raw, now) as { record?: unknown; reason?: unknown }
          expect(record === undefined).toBe(reason !== undefined)
        }
      }),
    )
  })
})

test('Node-RED decrypts what the agent encrypts', () => {
  const { $: text } = encryptCredentials({ b: { password: 'bí mật' } }, 'secret')
  const key = createHash('sha256').update('secret').digest()
  const cipher = createDecipheriv('aes-256-ctr', key, Buffer.from(text.slice(0, 32), 'hex'))
  expect(JSON.parse(cipher.update(text.slice(32), 'base64', 'utf8') + cipher.final('utf8'))).toEqual({
    b: { password: 'bí mật' },
  })
})

describe('the context of flows', () => {
  const memory = require('@node-red/runtime/lib/nodes/context/memory') as Parameters<typeof boundedContext>[0]
  const create = () => boundedContext(memory)({})

  test('refuses a value that is too large, also to a callback, and one that contains itself', () => {
    const store = create()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    expect(() => store.set('flow', 'a', 'x'.repeat(70_000))).toThrow('expected at most 65536')
    expect(() => store.set('flow', 'a', circular)).toThrow('circular')
    store.set('flow', 'a', 'x'.repeat(70_000), (error) => expect(String(error)).toContain('expected at most'))
  })

  test('refuses more than so many values, and still takes those that it has', () => {
    const store = create()
    for (let n = 0; n < 2_000; n++) store.set('flow', `v${n}`, n)
    expect(() => store.set('flow', 'more', 1)).toThrow('expected at most 2000 values')
    store.set('flow', 'v1', 'other')
  })
})
