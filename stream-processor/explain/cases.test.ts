import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { caseIndicator } from '../indicators/case-indicator.ts'
import { derived, latest } from '../indicators/indicator.ts'
import { openCheckpointStore } from '../state/checkpoint-store.ts'
import { testEngine } from '../testing/engine.ts'
import { explain } from './explain.ts'
import { openSavedEngines, type SavedEngines } from './saved-engines.ts'
import { sayExplanation } from './text.ts'

const hour = 3_600_000
/** Midnight in Asia/Ho_Chi_Minh. */
const midnight = Date.UTC(2026, 0, 4, 17)

const onTime = caseIndicator({
  id: 'on_time',
  title: { vi: 'Đúng hạn', en: 'On time' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '%',
  source: 'one_stop',
  window: { kind: 'calendar', unit: 'day' },
  scopes: ['site', 'district'],
  formula: 'closed on time ÷ (closed + overdue)',
  value: ({ closed, closedOnTime, overdue }) =>
    closed + overdue === 0 ? undefined : (100 * closedOnTime) / (closed + overdue),
})

const late = derived({
  id: 'late',
  title: { vi: 'Trễ hạn', en: 'Late' },
  about: { vi: 'Thử.', en: 'A test.' },
  unit: '%',
  window: { kind: 'calendar', unit: 'day' },
  scopes: ['site', 'district'],
  inputs: { onTime: latest(onTime) },
  formula: '100 − on time',
  value: ({ onTime: [percent] }) => (percent === undefined ? undefined : 100 - percent),
})

let folder: string
let saved: SavedEngines

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ioc-explain-cases-'))
  // Two sites, each in a partition of its own: one dossier on time, one late, one open and overdue.
  for (const [partition, site] of ['a', 'b'].entries()) {
    const path = join(folder, `partition-${partition}`)
    mkdirSync(path)
    const store = openCheckpointStore(path)
    const engine = testEngine({ indicators: [], caseIndicators: [onTime], archiveOf: store.archiveOf })
    const dossier = (id: string, dueHour: number, closedHour: number | null) => ({
      device: 'desk',
      type: 'one_stop',
      ts: midnight + 20 * hour,
      case: {
        id,
        state: closedHour === null ? 'open' : 'closed',
        opened: midnight + hour,
        due: midnight + dueHour * hour,
        closed: closedHour === null ? null : midnight + closedHour * hour,
      },
    })
    const records = [dossier('1', 9, 5), dossier('2', 3, 5), ...(partition === 0 ? [dossier('3', 2, null)] : [])]
    const arrival = midnight + 20 * hour
    const payload = Buffer.from(JSON.stringify({ epoch: 'e', seq: 1, sent: arrival, records }))
    engine.process({ offset: 0, records: [{ kind: 'cases', site, node: 'n', arrival, payload }], next: 1 })
    engine.tick(midnight + 30 * hour)
    await store.save(engine.changes({ live: 1, backlog: 0 }))
    await store.stop()
  }
  saved = openSavedEngines(folder, [late], [onTime])
})

afterEach(async () => {
  await saved.stop()
  rmSync(folder, { recursive: true })
})

test('the figures of a day, of a site and over all partitions', () => {
  const ask = (key: string) => explain(saved, [onTime], { id: 'on_time', at: midnight + 24 * hour, key })
  const site = ask('a')
  expect(site.parts).toMatchObject({
    kind: 'cases',
    figures: { received: 3, closed: 2, 'closed on time': 1, backlog: 1, overdue: 1, 'handling, mean (h)': 4 },
  })
  expect(site.value).toBeCloseTo(100 / 3)
  const district = ask('district')
  expect(district.parts).toMatchObject({ figures: { received: 5, closed: 4, 'closed on time': 2, overdue: 1 } })
  expect(district.value).toBe(40)
  expect(sayExplanation(district)).toMatch(/closed on time +2\n.*\n?overdue|overdue +1/)
})

test('a key that has no cases is answered with those that have', () => {
  const ask = () => explain(saved, [onTime], { id: 'on_time', at: midnight, key: 'c' })
  expect(ask).toThrow(/has no key c\. Keys: .*a/)
})

test('what is derived from cases, with the figures of the input', () => {
  const found = explain(saved, [late, onTime], { id: 'late', at: midnight + 24 * hour, key: 'district' })
  // Two of four that were closed were on time, and one is open and overdue.
  expect(found.value).toBe(60)
  expect(found.parts).toMatchObject({
    kind: 'derived',
    inputs: [{ id: 'on_time', steps: [{ value: 40, samples: 5, of: { closed: 4, 'closed on time': 2, overdue: 1 } }] }],
  })
  expect(sayExplanation(found)).toContain('100 − on time')
})
