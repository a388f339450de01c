import type { StoreTarget } from '@ioc/storage/target.ts'
import { startTestStore, type TestStore } from '@ioc/storage/testing/embedded.ts'
import { ask } from '@ioc/storage/testing/http.ts'
import { hasRealInflux, type RealInflux, startRealInflux } from '@ioc/storage/testing/real-influx.ts'
import { createWriter } from '@ioc/storage/writer/writer.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf } from './lines.ts'
import { testEngine } from './testing/engine.ts'

const arrival = 1_764_000_000_000

/** The lines of flat payloads, each of a node of its own, in the area `24943`. */
function linesOfPayloads(payloads: readonly object[]): string[] {
  const engine = testEngine({ indicators: [], areaOf: () => '24943' })
  const records = payloads.map((payload, index) => {
    const text = Buffer.from(JSON.stringify(payload))
    return { kind: 'telemetry', site: 's', node: `n${index}`, arrival: arrival + index, payload: text } as const
  })
  return linesOf({ ...engine.process({ offset: 0, records, next: records.length }), ledgerPoints: [] }).lines
}

const stores = [
  { name: 'the embedded store', start: startTestStore as () => Promise<TestStore | RealInflux>, isThere: true },
  { name: 'InfluxDB', start: () => startRealInflux('types'), isThere: hasRealInflux() },
]

describe.each(stores.filter(({ isThere }) => isThere))('in $name', ({ start }) => {
  let store: TestStore | RealInflux
  let target: StoreTarget

  beforeAll(async () => {
    store = await start()
    target = store.target
  })
  afterAll(() => store?.stop())

  /** Lines that the store refuses, with its reasons. */
  async function refusedOf(lines: readonly string[]): Promise<string[]> {
    const refused: string[] = []
    const writer = createWriter({ target, onRejected: (line, reason) => refused.push(`${line}: ${reason}`) })
    await writer.write(lines)
    await writer.stop()
    return refused
  }

  test.each<{ what: string; payloads: object[] }>([
    { what: 'a number under the name of our own column', payloads: [{ claimed_ms: 1.5 }, { ts: arrival * 1.1, y: 1 }] },
    { what: 'a number under the name of a text', payloads: [{ x_text: 5 }, { x: 'abc', y: 2 }] },
    { what: 'a number under the name of a flag', payloads: [{ 'door-flag': 5 }, { door: true }] },
    { what: 'a text under the name of a renamed number', payloads: [{ x_text_value: 'a' }, { x_text: 7 }] },
    { what: 'every type under one name', payloads: [{ z: 1 }, { z: 'one' }, { z: false }, { z: { flag: 'x' } }] },
  ])('nobody refuses another by $what', async ({ payloads }) => {
    expect(await refusedOf(linesOfPayloads(payloads))).toEqual([])
  })

  test('no names and types together make two devices refuse each other', async () => {
    const name = fc.stringMatching(/^[abAB](_(text|flag|FLAG|value|ms)){0,3}$/)
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e20, max: 1e20 }), fc.string(), fc.boolean())
    const payload = fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { minLength: 1, maxLength: 20 }), async (payloads) => {
        expect(await refusedOf(linesOfPayloads(payloads))).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  test('queries by tags find everything, whatever names devices use', async () => {
    const reserved = { area: 120.5, site: 3, device: 7, Time: 5, node: 'x', id: 1, scope: true, group: 2, process: 4 }
    expect(await refusedOf(linesOfPayloads([reserved, { 'nhiệt độ': 24 }]))).toEqual([])
    for (const where of [`area = '24943'`, `site = 's'`, `device = 'n0'`, `"area" = '24943' AND "device" = 'n0'`]) {
      const { text } = await ask(target, `SELECT area_value, site_value FROM undeclared WHERE ${where}`)
      expect(text).toContain(',120.5,3]')
    }
  })
})
