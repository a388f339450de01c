import type { ApiHistory } from '@ioc/contract/messages/api.ts'
import { hasDebianInflux } from '@ioc/storage/testing/real-influx.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Centre, startCentre } from './testing/centre.ts'
import { type Influxd, startInfluxd } from './testing/influxd.ts'

describe.skipIf(!hasDebianInflux())('history, from a real InfluxDB', () => {
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
    const taken = [
      // Written again without a sample: taken back.
      `indicator,id=system_cpu_1m,scope=area,area=24943 value=1,level=0i,samples=2i ${start}`,
      `indicator,id=system_cpu_1m,scope=area,area=24943 value=9,level=0i,samples=2i ${start + 10_000}`,
      `indicator,id=system_cpu_1m,scope=area,area=24943 level=0i,samples=0i ${start + 10_000}`,
    ]
    const groups = ['xe\\ máy', 'a/', 'a\\,b\\=c'].map(
      (tag, index) =>
        `indicator,id=vehicles_1h,scope=area,area=24943,group=${tag} value=${index},level=0i,samples=1i ${start}`,
    )
    await store.write([...lines, ...taken, ...groups])
    centre = await startCentre({ IOC_STORAGE_PORT: String(store.port) })
  })
  afterAll(async () => {
    await centre?.stop()
    await store?.stop()
  })
  const read = async (query: string, id = 'system_cpu_1m') => {
    const { status, body } = await centre.get(`/api/indicators/${id}?${query}`)
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

  it('leaves out what was taken back, from means too', async () => {
    const { points } = await read('scope=area&key=24943')
    expect(points).toEqual([{ ts: start, value: 1, level: 0, samples: 2 }])
    const thinned = await read(`scope=area&key=24943&from=${start - 7 * 86_400_000}`)
    expect(thinned.step_s).not.toBeNull()
    expect(thinned.points.map(({ value, samples }) => [value, samples])).toEqual([[1, 2]])
  })

  it.each([
    ['xe máy', 0],
    ['a\\', 1],
    ['a,b=c', 2],
  ])('reads one group: %s', async (group, value) => {
    const { points } = await read(`scope=area&key=24943&${new URLSearchParams({ group })}`, 'vehicles_1h')
    expect(points).toMatchObject([{ value }])
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
