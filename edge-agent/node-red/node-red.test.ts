import { testBroker } from '@ioc/uplink/testing/broker.ts'
import { test } from 'vitest'
import { startFlows } from './testing/agent.ts'

test('a measurement of a flow reaches the broker under the device that the flow declares', async () => {
  const broker = await testBroker()
  const agent = await startFlows(broker, [
    { id: 'd', type: 'ioc device', device: 'door-1', label: 'Cửa chính', cadence: '1' },
    {
      id: 'i',
      type: 'inject',
      z: 't',
      once: true,
      onceDelay: 0.1,
      repeat: '0.2',
      props: [{ p: 'payload' }],
      payload: '7',
      payloadType: 'num',
      wires: [['o']],
    },
    { id: 'o', type: 'ioc out', z: 't', channel: 'telemetry', device: 'd', metric: 'people_in', wires: [] },
    { id: 't', type: 'tab', label: 'T' },
  ])
  await broker.until(() => broker.telemetry.some(({ records }) => records[0]?.device === 'door-1'))
  console.log(
    JSON.stringify(broker.telemetry.find(({ records }) => records[0]?.device === 'door-1')),
    JSON.stringify(broker.statuses.at(-1)),
  )
  console.log(agent.lines)
})
