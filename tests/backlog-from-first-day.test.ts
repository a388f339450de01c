import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { models } from '@ioc/simulator/models/table.ts'
import { sites, worldOf } from '@ioc/simulator/testing/example-district.ts'
import { createTimeline } from '@ioc/simulator/timeline.ts'
import { caseIndicators } from '@ioc/stream-processor/indicators/table.ts'
import { nameOf } from '@ioc/stream-processor/testing/oracle.ts'
import { expect, test } from 'vitest'
import { districtEngine } from './harness/played-district.ts'

const dayMs = 86_400_000
const stepMs = dayMs / 4
/** Midnight of a Monday in Asia/Ho_Chi_Minh; a month that is filled in begins. */
const from = Date.UTC(2026, 9, 11, 17)
const days = 30
const world = worldOf()
const offices = sites.filter(({ kind }) => kind === 'one_stop' || kind === 'commune_office')
const measured = [
  'one_stop_in_process',
  'one_stop_handling_mean_30d',
  'one_stop_received_30d',
  'document_in_process',
  'document_handling_mean_30d',
  'land_in_process',
  'land_handling_mean_30d',
  'report_in_process',
  'report_response_mean_30d',
  'planning_in_process',
]

/** What the offices send: first what is open, then a message each six hours. */
function logOf(): LogRecord[] {
  return offices.flatMap((site) => {
    const timeline = createTimeline(
      [],
      models.flatMap(({ cases }) => cases?.(site, world) ?? []),
    )
    const messages = (arrival: number, records: readonly object[]): LogRecord[] => {
      const payload = Buffer.from(JSON.stringify({ records }))
      return records.length === 0 ? [] : [{ kind: 'cases', site: site.site, node: 'agent', arrival, payload }]
    }
    const steps = Array.from({ length: (days * dayMs) / stepMs }, (_, step) => from + step * stepMs)
    return [
      ...messages(from, timeline.casesUntil(from)),
      ...steps.flatMap((ts) => messages(ts + stepMs, timeline.cases(ts, ts + stepMs))),
    ]
  })
}

test('backlog and handling times of the first day of a simulated month are those of any day', () => {
  const engine = districtEngine({ world, sites: offices }, [], caseIndicators)
  const values = new Map<string, number>()
  const log = logOf().sort((one, other) => one.arrival - other.arrival)
  const outputs = [
    ...log.map((record, offset) => engine.process({ offset, records: [record], next: offset + 1 })),
    engine.settle(),
  ]
  for (const { points, deadLetters } of outputs) {
    expect(deadLetters).toEqual([])
    for (const { indicator, place, ts, value } of points) {
      if (place.scope === 'district' && value !== undefined) {
        values.set(nameOf(indicator.id, 'district', place.key, place.group, ts), value)
      }
    }
  }
  const meanOf = (id: string, firstDay: number, count: number) => {
    const found = [...values].filter(([name]) => {
      const day = (Number(name.slice(name.lastIndexOf('|') + 1)) - from) / dayMs
      return name.startsWith(`${id}|`) && day > firstDay && day <= firstDay + count
    })
    return found.reduce((sum, [, value]) => sum + value, 0) / found.length
  }
  for (const id of measured) {
    const ratio = meanOf(id, 0, 2) / meanOf(id, days - 7, 7)
    expect(`${id} ${ratio > 0.5 && ratio < 2 ? 'within the band' : ratio}`).toBe(`${id} within the band`)
  }
})
