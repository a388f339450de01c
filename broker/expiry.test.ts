import { afterEach, beforeEach, expect, test } from 'vitest'
import { closed } from './testing/mqtt.ts'
import { startTestBroker, type TestBroker } from './testing/start.ts'

let broker: TestBroker
beforeEach(async () => {
  broker = await startTestBroker()
})
afterEach(() => broker.stop())

const username = 'site-1/guest'
/** Long enough to log in before. */
const soonMs = 1_500

test('a credential that expires ends its connections, and is refused from then on', async () => {
  const password = await broker.credentials.add(username, 'node', { expires: Date.now() + soonMs })
  const endless = await broker.credentials.add('site-1/endless', 'node')
  const other = await broker.connect({ username: 'site-1/endless', password: endless })
  const client = await broker.connect({ username, password })
  await closed(client)
  await expect(broker.connect({ username, password, clientId: 'again' })).rejects.toMatchObject({ code: 5 })
  expect(other.connected).toBe(true)
  expect(broker.credentials.find(username)?.expires).toBeLessThanOrEqual(Date.now())
  expect(broker.credentials.findValid(username)).toBeUndefined()
  // A new end, and the device that has the old password is back.
  broker.credentials.rotate(username, Date.now() + 3_600_000)
  expect((await broker.connect({ username, password, clientId: 'renewed' })).connected).toBe(true)
})

test('one that is renewed in time stays connected, and ends at its new end', async () => {
  const first = Date.now() + soonMs
  const password = await broker.credentials.add(username, 'node', { expires: first })
  const client = await broker.connect({ username, password })
  const end = first + soonMs
  broker.credentials.rotate(username, end)
  await closed(client)
  expect(Date.now()).toBeGreaterThanOrEqual(end)
})

test('a password that replaces another one has the end of its credential, or none', async () => {
  await broker.credentials.add(username, 'node', { expires: Date.now() + 3_600_000 })
  const next = broker.credentials.rotate(username)
  const { expires } = broker.credentials.find(username) ?? {}
  await broker.connect({ username, password: next })
  expect(broker.credentials.find(username)?.expires).toBe(expires)
  const last = broker.credentials.rotate(username, null)
  await broker.connect({ username, password: last, clientId: 'last' })
  expect(broker.credentials.find(username)?.expires).toBeNull()
})
