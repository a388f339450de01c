import { liveBatchLine } from '@ioc/contract/live-batch.ts'
import { filters, liveBatchTopic, livePrefix, nodeTopic } from '@ioc/contract/topics.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBroker, type TestBroker } from './testing/start.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

const births = 100
const address = { site: 'site-1', node: 'node-1' }
const birth = (session: number) => JSON.stringify({ online: true, session, devices: [] })
const batch = (value: number) => liveBatchLine(`${livePrefix}indicator/cpu/site/s`, JSON.stringify({ value }))

/** What a client receives of the node's status, each as its session, until as many have come as there are births. */
async function sessionsReceived(qos: 0 | 1, ...others: string[]) {
  const reader = await broker.connect({ ...broker.credential('centre') })
  const sessions: number[] = []
  const last = new Promise<void>((resolve) =>
    reader.on('message', (topic, payload) => {
      if (topic !== nodeTopic(address, 'status')) return
      sessions.push(JSON.parse(payload.toString()).session)
      // In any order: they overtake each other.
      if (sessions.length === births) resolve()
    }),
  )
  await reader.subscribeAsync([filters.status, liveBatchTopic, ...others], { qos })
  return { sessions, last }
}

test.each([0, 1] as const)('live values that overtake a status do not hide it, QoS %i', async (qos) => {
  const { sessions, last } = await sessionsReceived(qos)
  const [node, processor] = await Promise.all(
    (['agent', 'centre'] as const).map((holder) => broker.connect({ ...broker.credential(holder) })),
  )
  const sending: Promise<unknown>[] = []
  for (let session = 1; session <= births; session++) {
    sending.push(
      node?.publishAsync(nodeTopic(address, 'status'), birth(session), { qos: 1, retain: true }) as Promise<unknown>,
      processor?.publishAsync(liveBatchTopic, batch(session)) as Promise<unknown>,
    )
    if (session % 10 === 0) await Promise.all(sending)
  }
  await last
  expect(sessions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: births }, (_, index) => index + 1))
})

test.each([0, 1] as const)('subscriptions that overlap receive a message once, QoS %i', async (qos) => {
  const { sessions, last } = await sessionsReceived(qos, '#', nodeTopic(address, 'status'))
  const node = await broker.connect({ ...broker.credential('agent') })
  for (let session = 1; session <= births; session++) {
    await node.publishAsync(nodeTopic(address, 'status'), birth(session), { qos: 1, retain: true })
  }
  await last
  expect(sessions).toEqual(Array.from({ length: births }, (_, index) => index + 1))
})
