import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Outgoing } from './channels/channel.ts'
import { createPush, vapidKeys } from './channels/push/channel.ts'
import type { Subscription } from './escalation-state.ts'
import { hasOpenssl } from './testing/certificate.ts'
import { startPushService } from './testing/push-service.ts'

async function start() {
  const keys = vapidKeys(join(mkdtempSync(join(tmpdir(), 'ioc-vapid-')), 'vapid.json'))
  const service = await startPushService(keys.publicKey)
  onTestFinished(() => service.stop())
  const subscriptions: Subscription[] = []
  const gone: string[] = []
  const push = createPush({
    settings: { subject: 'mailto:ioc@example.vn', ca_file: service.caFile },
    keys,
    subscriptionsOf: (person) => subscriptions.filter((one) => one.person === person),
    onGone: (endpoint) => gone.push(endpoint),
  })
  return { service, subscriptions, gone, push }
}

const message = (of: Partial<Outgoing> = {}): Outgoing => ({
  ...{
    key: 'k',
    address: 'lan',
    incidents: [12],
    link: 'https://ioc.example.vn/a/x',
    severity: 'high',
    event: {},
    at: 1,
  },
  text: { subject: 'IOC #12: Mất kết nối', body: 'Mất kết nối trạm Trường Xá', short: '' },
  ...of,
})

describe.runIf(hasOpenssl())('browser push', () => {
  test('a push message reaches each browser of the person, encrypted and signed; the newest of an incident replaces others', async () => {
    const { service, subscriptions, push } = await start()
    subscriptions.push(...['lan', 'lan', 'minh'].map((person) => service.subscribe(person)))
    expect(await push.send(message())).toEqual({ kind: 'sent' })
    expect(service.pushed.map(({ message: shown }) => shown)).toEqual(
      Array(2).fill({
        title: 'IOC #12: Mất kết nối',
        body: 'Mất kết nối trạm Trường Xá',
        link: 'https://ioc.example.vn/a/x',
        incidents: [12],
      }),
    )
    expect(service.pushed[0]?.headers).toMatchObject({ topic: 'incident-12', urgency: 'high' })
    await push.send(message({ incidents: [12, 13], severity: 'low' }))
    expect(service.pushed.at(-1)?.headers).toMatchObject({ urgency: 'normal' })
    expect(service.pushed.at(-1)?.headers).not.toHaveProperty('topic')
  })

  test.each([404, 410])('a browser that is gone (%i) is unsubscribed, and the message is refused', async (status) => {
    const { service, subscriptions, gone, push } = await start()
    subscriptions.push(service.subscribe('lan'))
    service.answer(status)
    expect(await push.send(message())).toEqual({ kind: 'refused', reason: `HTTP ${status}` })
    expect(gone).toEqual(subscriptions.map(({ endpoint }) => endpoint))
  })

  test('a message that is too large is sent shorter; a busy service is tried again when it says', async () => {
    const { service, subscriptions, push } = await start()
    subscriptions.push(service.subscribe('lan'))
    service.answer(413)
    const text = { subject: 'IOC', body: 'Mất kết nối '.repeat(1_000), short: '' }
    expect(await push.send(message({ text }))).toMatchObject({ kind: 'failed', reason: 'HTTP 413' })
    expect(service.pushed).toHaveLength(2)
    expect(service.pushed[1]?.bytes).toBeLessThan(1_000)
    service.answer(429, { 'retry-after': '30' })
    expect(await push.send(message())).toEqual({ kind: 'failed', reason: 'HTTP 429', afterMs: 30_000 })
  })

  test('without a browser, or without its service, a message is not sent', async () => {
    const { service, subscriptions, push } = await start()
    expect(await push.send(message())).toMatchObject({ kind: 'refused' })
    subscriptions.push(service.subscribe('lan'))
    service.stop()
    expect(await push.send(message())).toMatchObject({ kind: 'failed' })
  })
})
