import type { LiveIncident } from '@ioc/contract/messages/incidents.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSms } from './channels/sms/channel.ts'
import type { Message } from './escalation-state.ts'
import { gsm, textOf } from './message-texts.ts'
import { hasKannel, startKannel } from './testing/kannel.ts'
import { monday } from './testing/watch.ts'

const incident: Omit<LiveIncident, 'title'> = {
  id: 12,
  state: 'open',
  severity: 'high',
  cause: 'site/a',
  aspect: 'loss',
  problem: 'unreachable',
  ...{
    began: monday,
    opened: monday,
    ended: null,
    acknowledged: null,
    assigned: null,
    affected: [],
    affected_count: 13,
  },
  flapping: false,
  merged_into: null,
  merged: [],
  messages: 1,
  timeline: [],
}
const message: Message = {
  ...{
    key: 'k',
    n: 1,
    kind: 'opened',
    page: '12',
    incident: 12,
    site: null,
    count: 1,
    severity: 'high',
    person: 'lan',
  },
  ...{
    name: 'Lan',
    channel: 'sms',
    address: '+84912345678',
    step: 1,
    at: monday,
    due: monday,
    triedAt: null,
    tries: 0,
  },
  isMoved: false,
  isCovered: false,
}

test('an SMS keeps number, time and link of an incident with a long name within 160 characters', () => {
  const title = { vi: `Mất kết nối trạm ${'Trường Tiểu học Đạ Ròn '.repeat(12)}`, en: '' }
  const { short } = textOf(
    [{ message, incident: { ...incident, title } }],
    'https://ioc.example.vn/a/1a-abcdefghijklmnop',
    (one) => one,
  )
  expect(short.length).toBeLessThanOrEqual(160)
  expect(short).toMatch(
    /^IOC #12 Cao: Mat ket noi tram Truong Tieu hoc Da Ron .*\.\., tu 00:00 30\/11, 13 bi anh huong https:\/\/ioc.example.vn\/a\/1a-abcdefghijklmnop$/,
  )
})

test('what GSM-7 does not have, or counts twice, is replaced', () => {
  expect(gsm('Đường [A] – “x” 30 °C {b} ₫')).toBe('Duong (A) - "x" 30 ?C (b) ?')
})

test.runIf(hasKannel())('an SMS goes through a real gateway to the phone', async () => {
  const kannel = await startKannel()
  onTestFinished(() => kannel.stop())
  const sms = createSms({ provider: 'kannel', url: kannel.url, username: 'ioc', password: 'secret', from: 'IOC' })
  const title = { vi: 'Mất kết nối trạm Trường Đạ Ròn & nhà văn hóa', en: '' }
  const text = textOf([{ message, incident: { ...incident, title } }], null, (one) => one)
  const outgoing = {
    key: 'k',
    address: '+84912345678',
    text,
    incidents: [12],
    link: null,
    severity: 'high',
    event: {},
    at: 1,
  }
  await vi.waitFor(async () => expect(await sms.send(outgoing)).toEqual({ kind: 'sent' }), { timeout: 30_000 })
  await vi.waitFor(() => expect(kannel.received()).toContain(text.short.slice(0, 40)), { timeout: 30_000 })
  const wrong = createSms({ provider: 'kannel', url: kannel.url, username: 'ioc', password: 'wrong' })
  expect(await wrong.send(outgoing)).toMatchObject({ kind: 'failed' })
})
