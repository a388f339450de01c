import { join } from 'node:path'
import type { Level, LiveDevice, LiveIndicator } from '@ioc/contract/messages/live.ts'
import { indicatorTopic, livePrefix } from '@ioc/contract/topics.ts'
import { loadDistrict } from '@ioc/runtime/district/district.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import type { Centre } from './centre.ts'
import { device, silent } from './samples.ts'

/** The folder of the district that is shipped. */
export const districtFolder = join(import.meta.dirname, '../../../district')

/** An indicator of sites, whose levels the tests choose. */
export const siteIndicator = {
  id: 'rain_1h',
  title: { vi: 'Mưa 1 giờ', en: 'Rain, 1 h' },
  unit: 'mm',
  source: 'rain_gauge',
  window: { kind: 'sliding', size_s: 3600, every_s: 60 },
  scopes: ['site'],
  levels: { direction: 'above', attention: 10, warning: 20, critical: 30 },
  formula: 'sum(rain_mm) over 1 h',
} as const

export interface ExampleDistrict {
  readonly sites: readonly string[]
  /** Publishes the district anew, with another version of the outlines. */
  describe(outlines: string | null): Promise<void>
  setLevel(site: string, level: Level): Promise<void>
  /** The only device of a site, measured so long ago. */
  setAge(site: string, ageMs: number): Promise<void>
}

/** Publishes the example sites of the district, each with one device that is measured every hour. */
export async function publishExampleDistrict(centre: Centre): Promise<ExampleDistrict> {
  const logger = createLogger('wall', { logLevel: 'silent' })
  const files = { district: districtFolder, exampleSites: true }
  const { described } = loadDistrict(files, Date.parse('2026-01-15T00:00:00Z'), logger)
  const describe = (outlines: string | null) => centre.publish('district', { ...described, outlines })
  const deviceAt = (site: string, last_ts: number): LiveDevice => {
    const area = described.sites.find((one) => one.site === site)?.area ?? null
    return device('may', { site, node: 'n', type: 'system', name: 'Máy của điểm', cadence_s: 3_600, last_ts, area })
  }
  const setAge = async (site: string, ageMs: number) => {
    const measured = deviceAt(site, Date.now() - ageMs)
    await centre.publish(`device/${site}/may/system`, measured)
    const life = silent(measured)
    await centre.publish(`liveness/${site}/may`, ageMs > life.silent_ms ? life : { ...life, state: 'measuring' })
  }
  await centre.publish('indicators', [siteIndicator])
  await describe(described.outlines)
  for (const { site } of described.sites) await setAge(site, 0)
  return {
    sites: described.sites.map(({ site }) => site),
    describe,
    setAge,
    setLevel: (site, level) => {
      const value: LiveIndicator = {
        ...{ id: siteIndicator.id, scope: 'site', key: site, ts: Date.now() },
        ...{ value: level * 10 + 4.5, level, samples: 60 },
      }
      return centre.publish(indicatorTopic(value.id, 'site', site).slice(livePrefix.length), value)
    },
  }
}
