import { nodeTopic } from '@ioc/contract/topics.ts'
import type { Attack } from '../attack.ts'
import { withClient } from '../client.ts'

/** New field names without end. */
export const manyFields: Attack = (target, random) =>
  withClient(target, async (client) => {
    for (let message = 0; message < 5; message++) {
      const names = Array.from({ length: 250 }, () => `f${random.integer(0, 1e9)}`)
      const payload = JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])))
      await client.publishAsync(nodeTopic(target.own, 'telemetry'), payload, { qos: 1 }).catch(() => undefined)
    }
    return []
  })

/** Births with ten thousand devices each, some of them the victim's, in an area that is not the site's. */
export const manyDevices: Attack = (target, random) =>
  withClient(target, async (client) => {
    for (let birth = 0; birth < 3; birth++) {
      const ids = Array.from({ length: 10_000 }, (_, index) => ({
        id: `d${random.integer(0, 1e6)}-${index}`,
        type: 'camera',
      }))
      const devices = [
        { id: 'device-0', type: 'camera', name: 'stolen' },
        { id: target.victim.node, name: 'stolen' },
        ...ids,
      ]
      const payload = JSON.stringify({
        online: true,
        session: random.integer(0, 1e12),
        agent: { version: '1', host: 'evil' },
        area: random.pick(['24943', '24931', 'nowhere']),
        devices: devices.slice(0, 10_000),
      })
      await client
        .publishAsync(nodeTopic(target.own, 'status'), payload, { qos: 1, retain: true })
        .catch(() => undefined)
    }
    return []
  })

/** Records in the name of the victim's devices, with values that would show. */
export const stolenDevices: Attack = (target, random) =>
  withClient(target, async (client) => {
    for (let seq = 1; seq <= 20; seq++) {
      const device = random.pick(['device-0', 'device-1', 'device-2', target.victim.node])
      const record = { device, ts: Date.now(), type: 'system', values: { cpu_percent: 66.6 } }
      const payload = JSON.stringify({ epoch: `s${random.integer(0, 1e6)}`, seq, sent: Date.now(), records: [record] })
      await client.publishAsync(nodeTopic(target.own, 'telemetry'), payload, { qos: 1 }).catch(() => undefined)
    }
    return []
  })

/** Invalid payloads as fast as they are acknowledged. */
export const badPayloads: Attack = (target, random) =>
  withClient(target, async (client) => {
    const payload = random.pick(['{', 'x', '{"records":7,"epoch":1}', '\0\0\0', '[]'])
    const flood = Array.from({ length: 500 }, () =>
      client
        .publishAsync(nodeTopic(target.own, random.pick(['telemetry', 'cases', 'status'])), payload, { qos: 1 })
        .catch(() => undefined),
    )
    await Promise.all(flood)
    return []
  })
