import type { ApiHistory } from '@ioc/contract/messages/api.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, startCentre } from './testing/centre.ts'
import { type Influxd, influxd, influxdPresent, startInfluxd } from './testing/influxd.ts'

const required = process.env['IOC_REQUIRE_REAL'] === '1'
if (!influxdPresent) console.warn(`skipped: history from a real InfluxDB (${influxd} is missing)`)

describe.skipIf(!influxdPresent && !required)('history, from a real InfluxDB', () => {
  const start = Date.now() - 3_000_000
  let store: Influxd
  let centre: Centre
  beforeAll(async () => {
    store = await startInfluxd()
    const lines = Array.from({ length: 20 }, (_, index) => [
      `indicator,id=system_cpu_1m,scope=device,site=s,device=d value=${index},level=${index > 15 ? 1 : 0}i,samples=6i ${start + index * 10_000}`,
      `indicator,id=system_cpu_1m,scope=device,site=s,device=other value=99,level=3i,samples=6i ${start + index * 10_000}`,
      `indicator,id=system_cpu_1m,scope=district value=50,level=0i,samples=12i ${start + index * 10_000}`,
    ]).flat()
    await store.write(lines)
    centre = await startCentre({ IOC_STORAGE_PORT: String(store.port) })
  })
  afterAll(async () => {
    await centre?.stop()
    await store?.stop()
  })
  const read = async (query: string) => {
    const { status, body } = await centre.get(`/api/indicators/system_cpu_1m?${query}`)
    expect(status).toBe(200)
    return body as ApiHistory
  }

  it('reads one device, oldest first', async () => {
    const { points, step_s } = await read('scope=device&key=s/d')
    expect(step_s).toBeNull()
    expect(points.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(points.at(-1)).toEqual({ ts: start + 190_000, value: 19, level: 1, samples: 6 })
  })

  it('reads the district when nothing is said, and only the range asked for', async () => {
    const from = new Date(start + 20_000).toISOString()
    const { key, points } = await read(`from=${from}&to=${start + 40_000}`)
    expect(key).toBe('district')
    expect(points).toMatchObject([{ value: 50 }, { value: 50 }, { value: 50 }])
  })

  it('thins a long range to means', async () => {
    const { points, step_s } = await read(`scope=device&key=s/d&from=${start - 7 * 86_400_000}`)
    expect(step_s).toBeGreaterThan(10)
    expect(points.length).toBeLessThanOrEqual(2)
    expect(points.reduce((sum, { samples }) => sum + (samples ?? 0), 0)).toBe(120)
  })

  it('is empty for what nobody measured', async () => {
    expect((await read('scope=device&key=s/nobody')).points).toEqual([])
  })
})
