import { system } from '@ioc/contract/device-types/system.ts'
import { describe, expect, it } from 'vitest'
import { reading } from '../../readings/reading.ts'
import { createSystemCollector } from './system.ts'

describe('system collector', () => {
  it('gives plausible figures of this machine, under the metrics of its device type', async () => {
    const collector = createSystemCollector({ address: { site: 's', node: 'box-1' }, host: 'box' })
    await collector.collect(new AbortController().signal)
    const before = Date.now()
    const { measurements: [record] = [] } = await collector.collect(new AbortController().signal)
    const values = record?.values as Record<string, number>
    expect(record?.device).toBe('box-1')
    expect(record?.ts).toBeGreaterThanOrEqual(before)
    expect(Object.keys(values).filter((key) => !Object.hasOwn(system.metrics, key))).toEqual([])
    for (const percent of ['cpu_percent', 'memory_used_percent', 'disk_used_percent']) {
      expect(values[percent]).toBeGreaterThanOrEqual(0)
      expect(values[percent]).toBeLessThanOrEqual(100)
    }
    expect(values['memory_total_bytes']).toBeGreaterThan(values['memory_used_bytes'] ?? Number.NaN)
    expect(values['disk_total_bytes']).toBeGreaterThanOrEqual(values['disk_used_bytes'] ?? Number.NaN)
    expect(values['uptime_s']).toBeGreaterThan(0)
    expect(values['load_1m']).toBeGreaterThanOrEqual(0)
    expect(collector.devices()).toEqual([{ id: 'box-1', type: 'system', name: 'box' }])
  })
})

describe('reading', () => {
  it('gives nothing for what fails, and starts nothing twice while it hangs', async () => {
    expect(await reading(() => Promise.reject(new Error('no')))()).toBeUndefined()
    let starts = 0
    let release = (): void => undefined
    const hanging = reading(() => {
      starts += 1
      return new Promise<number>((resolve) => {
        release = () => resolve(7)
      })
    }, 1)
    expect(await hanging()).toBeUndefined()
    expect(await hanging()).toBeUndefined()
    expect(starts).toBe(1)
    release()
  })
})
