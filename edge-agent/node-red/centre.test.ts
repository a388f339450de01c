import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { expect, test } from 'vitest'
import { type FlowAgent, startFlows } from './testing/agent.ts'
import { beating, func, inForce, sink } from './testing/flows.ts'

const configTopic = 'ioc/v1/commune-1/box-1/config'
const commandTopic = 'ioc/v1/commune-1/box-1/command'

async function configure(broker: TestBroker, revision: number, nodes?: object[]): Promise<void> {
  const flows = nodes === undefined ? {} : { flows: { nodes } }
  await broker.publish(configTopic, JSON.stringify({ schema: 1, revision, ...flows }), true)
}

/** Waits until the newest birth says this of the configuration. */
async function config(broker: TestBroker, revision: number, state: string): Promise<string | undefined> {
  const newest = () => {
    const status = broker.statuses.findLast(({ online }) => online)
    return status?.online ? status.config : undefined
  }
  await broker.until(() => newest()?.revision === revision && newest()?.state === state)
  return newest()?.reason
}

async function receives(broker: TestBroker, device: string): Promise<void> {
  const seen = broker.telemetry.length
  await broker.until(() => broker.telemetry.slice(seen).some(({ records }) => records[0]?.device === device))
}

const start = (broker: TestBroker): Promise<FlowAgent> =>
  startFlows(broker, beating('file'), { IOC_AGENT_PROBE_MS: '500' })

test('flows of the centre replace those of the file, are refused or reverted, and are withdrawn', async () => {
  const broker = await testBroker()
  const agent = await start(broker)
  await inForce(agent)
  await configure(broker, 1, beating('centre'))
  await receives(broker, 'centre')
  await config(broker, 1, 'applied')
  await configure(broker, 2, [{ id: 'x', type: 'exec' }])
  expect(await config(broker, 2, 'failed')).toContain('flows: node x: no node of the type "exec"')
  const crash = 'new Promise((_, reject) => setTimeout(() => reject(new Error("spoilt")), 10))'
  const bad = [{ id: 'i', type: 'inject', once: true, props: [], wires: [['f']] }, func('f', crash)]
  await configure(broker, 3, [{ id: 'tab', type: 'tab' }, ...bad.map((node) => ({ ...node, z: 'tab' }))])
  expect(await config(broker, 3, 'failed')).toContain('spoilt')
  await receives(broker, 'centre')
  await configure(broker, 4)
  await receives(broker, 'file')
  await config(broker, 4, 'applied')
})

test('commands and the configuration of the centre reach flows that listen to them', async () => {
  const broker = await testBroker()
  const agent = await startFlows(
    broker,
    [
      ...sink('heard', ''),
      { id: 'a', type: 'ioc in', z: 'tab', source: 'command', wires: [['f']] },
      { id: 'b', type: 'ioc in', z: 'tab', source: 'config', wires: [['f']] },
      func('f', 'return { payload: { topic: msg.topic, text: JSON.stringify(msg.payload) } }', 'out-heard'),
    ],
    { IOC_AGENT_PROBE_MS: '500' },
  )
  await inForce(agent)
  const heard = () => broker.telemetry.flatMap(({ records }) => records).filter(({ device }) => device === 'heard')
  await broker.publish(commandTopic, '{"command":"flow","topic":"siren","payload":{"on":true}}')
  await broker.until(() => heard().some(({ values }) => values['topic'] === 'siren'))
  expect(heard().find(({ values }) => values['topic'] === 'siren')?.values['text']).toBe('{"on":true}')
  await broker.publish(configTopic, '{"schema":1,"revision":7,"cadence_s":0.3}', true)
  await broker.until(() => heard().some(({ values }) => values['text'] === '{"revision":7,"cadence_s":0.3}'))
})
