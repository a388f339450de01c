import { setTimeout as delay } from 'node:timers/promises'
import type { Site } from '@ioc/contract/district/sites.ts'
import { calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { silent } from '@ioc/uplink/testing/silent.ts'
import { expect, onTestFinished, test } from 'vitest'
import { createSimulationClock } from './clock.ts'
import { concerns } from './events.ts'
import { SimulatedNode } from './node.ts'
import type { ScenarioEvent } from './scenarios/scenario.ts'
import { models } from './testing/models.ts'
import { createTimeline } from './timeline.ts'
import { createWorld, transportEventsOf, wrongClockMs } from './world.ts'

const hourMs = 3_600_000
const site: Site = { site: 'mot-cua-1', kind: 'one_stop', area: '24943' }

function createNode(broker: TestBroker, from: number, events: readonly ScenarioEvent[], folder = testFolder()) {
  const world = createWorld(1, calendarOf(emptyCalendar), events)
  const node = new SimulatedNode(
    {
      site,
      address: { site: site.site, node: 'sim' },
      password: 'right',
      url: broker.url,
      folder,
      timeline: createTimeline(
        models.flatMap((model) => model.sources?.(site, world) ?? []),
        models.flatMap((model) => model.cases?.(site, world) ?? []),
      ),
      transport: transportEventsOf(events, site),
      from,
      delayMs: 0,
    },
    silent,
  )
  node.open()
  return node
}

async function fillAll(node: SimulatedNode, until: number): Promise<void> {
  while (!node.isFilled(until)) {
    if (node.hasRoom(until)) await node.fill(until, Number.POSITIVE_INFINITY)
    await delay(1)
  }
}

/** Times of the ten-minute records in (from, to]. */
function tens(from: number, to: number): number[] {
  const step = hourMs / 6
  const first = (Math.floor(from / step) + 1) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, n) => first + n * step)
}

const timesOf = (broker: TestBroker) => broker.telemetry.flatMap(({ records }) => records.map(({ ts }) => ts))

test('the past is sent as a replay, its dossiers on their own topic, and after an end it goes on where it was', async () => {
  const broker = await testBroker()
  const folder = testFolder()
  const until = Math.floor(Date.now() / hourMs) * hourMs
  const from = until - 5 * 24 * hourMs
  const first = createNode(broker, from, [], folder)
  first.connect(until)
  // It ends in the middle, with some of it queued and not sent.
  for (let n = 0; n < 5; n++) await first.fill(until, Number.POSITIVE_INFINITY)
  await first.stop()
  const second = createNode(broker, from, [], folder)
  expect(second.reached).toBeGreaterThan(from)
  second.connect(until)
  await fillAll(second, until)
  await second.stop()
  expect(timesOf(broker)).toEqual(tens(from, until))
  expect(broker.telemetry.every(({ replay }) => replay === true)).toBe(true)
  const cases = broker.cases.flatMap(({ records }) => records)
  // Before the past begins, those that were open then or were closed in the forty days before; then two changes an hour.
  expect(cases.filter(({ ts }) => ts <= from)).toHaveLength(48 + 40 * 24)
  expect(cases.filter(({ ts }) => ts > from)).toHaveLength(2 * 5 * 24)
  expect(cases.map(({ ts }) => ts)).toEqual(cases.map(({ ts }) => ts).toSorted((a, b) => a - b))
  expect(new Set(cases.map((record) => `${record.case.id} ${record.ts}`)).size).toBe(cases.length)
})

test('an agent that is offline when the past ends sends what was before, and keeps the rest until it is over', async () => {
  const broker = await testBroker()
  const until = Math.floor(Date.now() / hourMs) * hourMs
  const from = until - 72 * hourMs
  const event: ScenarioEvent = {
    kind: 'offline_backfill',
    from: until - 48 * hourMs,
    to: until + hourMs,
    site: site.site,
  }
  const node = createNode(broker, from, [event])
  node.connect(until)
  await fillAll(node, until)
  expect(timesOf(broker)).toEqual(tens(from, event.from))
  await broker.until(() => broker.statuses.at(-1)?.online === false)
  expect(node.queued).toBeGreaterThan(0)
  // Its event ends after an hour, which this clock has passed.
  let now = until
  node.run({ now: () => now, msUntil: () => 10, speed: () => 2 })
  onTestFinished(() => node.stop())
  now = until + 2 * hourMs
  await broker.until(() => timesOf(broker).length >= tens(from, now).length)
  expect([...timesOf(broker)].sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(tens(from, now))
  expect(broker.statuses.map(({ online }) => online)).toEqual([true, false, true])
})

test('a power cut takes the agents of its commune away and brings them back, and no others', async () => {
  const broker = await testBroker()
  const begin = Date.now() - 24 * hourMs
  const cut: ScenarioEvent = { kind: 'power_cut', from: begin + 2 * hourMs, to: begin + 5 * hourMs, area: site.area }
  expect(concerns(cut, { site: 'other', area: '24931' })).toBe(false)
  expect(transportEventsOf([cut], { site: 'other', area: '24931' }).nextChange(begin)).toBeUndefined()
  const node = createNode(broker, begin, [cut])
  onTestFinished(() => node.stop())
  node.connect(begin)
  await broker.until(() => broker.statuses.length === 1)
  // Ten hours a second.
  node.run(createSimulationClock(begin, 36_000))
  await broker.until(() => broker.statuses.length >= 3 && timesOf(broker).length > 60)
  expect(broker.statuses.slice(0, 3).map(({ online }) => online)).toEqual([true, false, true])
  const times = timesOf(broker).sort((a, b) => (a ?? 0) - (b ?? 0))
  expect(times).toEqual(tens(begin, times.at(-1) ?? 0))
})

test('an agent with a wrong clock says wrong times and a wrong `sent`, by the same error', async () => {
  const broker = await testBroker()
  const begin = Math.floor(Date.now() / hourMs) * hourMs - 3 * hourMs
  const event: ScenarioEvent = { kind: 'wrong_clock', from: begin, to: begin + 999 * hourMs, site: site.site }
  const node = createNode(broker, begin, [event])
  onTestFinished(() => node.stop())
  node.connect(begin)
  node.run(createSimulationClock(begin, 36_000))
  await broker.until(() => timesOf(broker).length >= 12)
  expect(timesOf(broker).slice(0, 12)).toEqual(tens(begin, begin + 2 * hourMs).map((ts) => ts + wrongClockMs))
  for (const { sent = 0 } of broker.telemetry) expect(Math.abs(sent - wrongClockMs - Date.now())).toBeLessThan(hourMs)
})
