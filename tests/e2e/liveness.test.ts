import type { ApiDevice } from '@ioc/contract/messages/api.ts'
import { nodeTopic } from '@ioc/contract/topics.ts'
import mqtt from 'mqtt'
import { expect, test } from 'vitest'
import { startCentre, until } from '../harness/centre.ts'

const address = { site: 'tram-1', node: 'n-1' }

test('a device is never heard, then measures, as the API and the store say; a restart changes nothing', async () => {
  const first = await startCentre()
  const credential = await first.addNode(address.site, address.node)
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${first.mqttPort}`, credential)
  const devices = [
    { id: 'a', type: 'air_quality', cadence_s: 3_600 },
    { id: 'b', type: 'air_quality', cadence_s: 3_600 },
  ]
  const birth = { online: true, session: 1, agent: { version: '1', host: 'h' }, devices }
  await client.publishAsync(nodeTopic(address, 'status'), JSON.stringify(birth), { qos: 1, retain: true })
  const statesOf = async (centre: typeof first) => {
    const all = (await centre.devices()) as ApiDevice[]
    return all.filter(({ site }) => site === address.site).map(({ device, state, since }) => [device, state, since])
  }
  const states = (expected: string) => (all: (string | number | null)[][]) =>
    all.map(([, state]) => state).join() === expected
  await until('born', () => statesOf(first), states('never_heard,never_heard'))
  const ts = Date.now()
  const message = { epoch: 'e', seq: 1, sent: ts, records: [{ device: 'a', ts, values: { pm25: 8.25 } }] }
  await client.publishAsync(nodeTopic(address, 'telemetry'), JSON.stringify(message), { qos: 1 })
  const before = await until('measuring', () => statesOf(first), states('measuring,never_heard'))
  expect(before[0]).toEqual(['a', 'measuring', ts])
  const points = () => first.query(`SELECT state FROM liveness WHERE site = 'tram-1' AND device = 'a'`)
  await until('stored', points, (rows) => rows.at(-1)?.['state'] === 'measuring')
  await client.endAsync()
  await first.stop()

  const second = await startCentre({ IOC_DATA_DIR: first.dataDir })
  const after = await until('restarted', () => statesOf(second), states('measuring,never_heard'))
  expect(after).toEqual(before)
  await second.stop()
})
