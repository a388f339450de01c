import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { freePort } from '@ioc/runtime/testing/free-port.ts'
import { hasProgram } from '@ioc/runtime/testing/has-program.ts'
import { hasPython } from '@ioc/runtime/testing/python.ts'
import { type TestBroker, testBroker } from '@ioc/uplink/testing/broker.ts'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import mqtt from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { listening, startPeer } from '../testing/peers.ts'
import { parseFlows } from './flows.ts'
import { startFlows } from './testing/agent.ts'

const mosquitto = '/usr/sbin/mosquitto'
const folder = join(import.meta.dirname, 'examples')

/** The nodes of an example, with the places of this test in it. */
function example(name: string, replaced: Readonly<Record<string, string>> = {}): object[] {
  const text = readFileSync(join(folder, name), 'utf8')
  const changed = Object.entries(replaced).reduce((all, [from, to]) => all.replaceAll(from, to), text)
  return JSON.parse(changed) as object[]
}

const recordsOf = (broker: TestBroker, device: string): MeasurementRecord[] =>
  broker.telemetry.flatMap(({ records }) => records).filter((record) => record.device === device)

test.each(readdirSync(folder))('the example %s has nodes of the palette only', (name) => {
  expect(parseFlows(readFileSync(join(folder, name), 'utf8')).nodes.length).toBeGreaterThan(2)
})

test.skipIf(!hasPython('pymodbus'))(
  'a Modbus meter: power from what the collector reads, beside pymodbus',
  async () => {
    const port = await freePort()
    startPeer('python', [join(import.meta.dirname, '..', 'testing', 'modbus_server.py'), 'tcp', String(port)])
    await listening(port)
    const broker = await testBroker()
    const config = `collectors:
  - type: modbus
    id: meters
    cadence_s: 0.2
    host: 127.0.0.1
    port: ${port}
    devices:
      - device: meter-1
        type: site_power
        registers: { load_w: { address: 4, format: float32, order: CDAB, unit: kW } }
`
    await startFlows(broker, example('modbus-meter.json'), {}, config)
    await broker.until(() => recordsOf(broker, 'meter-1-power').length > 0)
    expect(recordsOf(broker, 'meter-1-power')[0]?.values).toEqual({ power_kw: 23.5, power_kw_mean: 23.5 })
    expect(recordsOf(broker, 'meter-1')[0]?.values).toEqual({ load_w: 23_500 })
  },
)

test.skipIf(!hasProgram(mosquitto, 'mosquitto'))(
  'a people counter that publishes on a Mosquitto at the site',
  async () => {
    const port = await freePort()
    const file = join(testFolder(), 'mosquitto.conf')
    writeFileSync(file, `listener ${port} 127.0.0.1\nlog_type none\nallow_anonymous true\n`)
    startPeer(mosquitto, ['-c', file])
    await listening(port)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`)
    onTestFinished(() => client.endAsync(true))
    const broker = await testBroker()
    await startFlows(broker, example('people-counter.json', { '1884': String(port) }))
    // Retained: the flow subscribes when it has started.
    await client.publishAsync('counter/door', '{"in": 3, "out": 1}', { qos: 1, retain: true })
    await broker.until(() => recordsOf(broker, 'door-1').length > 0)
    await client.publishAsync('counter/door', '{"in": 2, "out": 1}', { qos: 1 })
    await broker.until(() => recordsOf(broker, 'door-1').length > 1)
    expect(recordsOf(broker, 'door-1').map(({ values }) => values['people_inside'])).toEqual([2, 3])
  },
)

test('a CSV file of a share: only new rows are sent', async () => {
  const share = testFolder()
  const file = join(share, 'muc-nuoc.csv')
  writeFileSync(file, 'thoi_gian;muc_nuoc\n2026-11-30T07:00:00+07:00;1.25\n2026-11-30T08:00:00+07:00;1.5\n')
  const broker = await testBroker()
  const flows = example('csv-share.json', { '/srv/share': share, '"repeat": "60"': '"repeat": "0.5"' })
  await startFlows(broker, flows, { IOC_NODE_RED_FOLDERS: share })
  await broker.until(() => recordsOf(broker, 'gauge-1').length >= 2)
  appendFileSync(file, '2026-11-30T09:00:00+07:00;1.75\n')
  await broker.until(() => recordsOf(broker, 'gauge-1').length >= 3)
  expect(recordsOf(broker, 'gauge-1').map(({ ts, values }) => [ts, values['level_m']])).toEqual([
    [Date.parse('2026-11-30T07:00:00+07:00'), 1.25],
    [Date.parse('2026-11-30T08:00:00+07:00'), 1.5],
    [Date.parse('2026-11-30T09:00:00+07:00'), 1.75],
  ])
})
