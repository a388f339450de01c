import { deviceTypes } from '@ioc/contract/device-types/table.ts'
import { windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { indicators } from '@ioc/stream-processor/indicators/table.ts'
import { generator } from '@ioc/tests/harness/random.ts'

/** A district's month, made smaller or larger. */
export interface MonthSize {
  readonly days: number
  readonly areas: readonly string[]
  /** Sites, and devices of each type. */
  readonly sites: number
  /** Values of indicators and measurements are at least so far apart, in seconds. */
  readonly minStep_s: number
}

interface Series {
  readonly key: string
  readonly fields: (value: number) => string
  readonly step_s: number
}

/** The lines of a month that ends at `endMs`: every indicator at each of its scopes, and every device type. */
export function* monthLines(size: MonthSize, endMs: number, lines: number): Generator<string> {
  const random = generator(1)
  let batch: string[] = []
  for (const { key, fields, step_s } of seriesOf(size)) {
    for (let ts = endMs - size.days * 86_400_000; ts <= endMs; ts += step_s * 1000) {
      batch.push(`${key} ${fields(Math.round(random() * 1e4) / 100)} ${ts}`)
      if (batch.length < lines) continue
      yield batch.join('\n')
      batch = []
    }
  }
  yield batch.join('\n')
}

function* seriesOf({ areas, sites, minStep_s }: MonthSize): Generator<Series> {
  const siteNames = Array.from({ length: sites }, (_, index) => `site-${index}`)
  const areaOf = (index: number) => areas[index % areas.length] ?? 'none'
  for (const { id, window, scopes, by } of indicators) {
    const step_s = Math.max(windowStepSeconds(window), minStep_s)
    const group = by === undefined ? '' : ',group=a'
    for (const scope of scopes) {
      const places = {
        district: [''],
        area: areas.map((area) => `,area=${area}`),
        site: siteNames.map((site, index) => `,area=${areaOf(index)},site=${site}`),
        device: siteNames.map((site, index) => `,area=${areaOf(index)},device=d,site=${site}`),
      }[scope]
      for (const place of places) {
        const key = `indicator,id=${id},scope=${scope}${place}${group}`
        yield { key, fields: (value) => `value=${value},level=0i,samples=6i`, step_s }
      }
    }
  }
  for (const { id, cadence_s, metrics } of Object.values(deviceTypes)) {
    const numbers = Object.entries(metrics).flatMap(([name, { kind }]) => (kind === 'number' ? [name] : []))
    if (numbers.length === 0) continue
    for (const [index, site] of siteNames.entries()) {
      const key = `${id},area=${areaOf(index)},device=d,site=${site}`
      const fields = (value: number) => numbers.map((name) => `${name}=${value}`).join(',')
      yield { key, fields, step_s: Math.max(cadence_s, minStep_s) }
    }
  }
}
