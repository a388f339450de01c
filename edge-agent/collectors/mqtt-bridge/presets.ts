import type { MqttBridgeOptions } from './kind.ts'
import { decodeSparkplug } from './sparkplug.ts'

type Preset = MqttBridgeOptions['subscriptions'][number]['preset']

/** The content of a message: values of one device. */
export interface Message {
  /** What the device calls itself; `undefined`: the mapping names it. */
  readonly device: string | undefined
  /** As written; `undefined`: the message has no time of its own. */
  readonly time: unknown
  readonly document: unknown
}

/**
 * Returns a reader of messages by a preset; it returns `undefined` for messages without a measurement.
 * @throws Error where a payload cannot be read
 */
export function readerOf(preset: Preset): (topic: string, payload: Buffer) => Message | undefined {
  switch (preset) {
    case 'json':
      return (_topic, payload) => ({ device: undefined, time: undefined, document: parseJson(payload) })
    case 'zigbee2mqtt':
      return readZigbee2Mqtt
    case 'tasmota':
      return readTasmota
    case 'sparkplug':
      return sparkplugReader()
    default:
      return preset satisfies never
  }
}

/** `zigbee2mqtt/NAME`, where a name may have slashes; commands and availability are on topics below it. */
function readZigbee2Mqtt(topic: string, payload: Buffer): Message | undefined {
  const [, ...levels] = topic.split('/')
  if (levels[0] === 'bridge' || /^(set|get|availability)$/.test(levels.at(-1) ?? '')) return undefined
  if (payload.length === 0) return undefined
  const document = parseJson(payload)
  const { last_seen: time, ...values } = Object(document) as Record<string, unknown>
  return { device: levels.join('_'), time, document: values }
}

/** `tele/NAME/SENSOR` and `tele/NAME/STATE`; time is of the device's own clock. */
function readTasmota(topic: string, payload: Buffer): Message | undefined {
  const [prefix, device, kind] = topic.split('/')
  if (prefix !== 'tele' || (kind !== 'SENSOR' && kind !== 'STATE')) return undefined
  const document = parseJson(payload)
  const { Time: time, ...values } = Object(document) as Record<string, unknown>
  return { device, time, document: values }
}

/** Aliases that a node or device may define, at most. */
const maxAliases = 100_000

/** `spBv1.0/GROUP/TYPE/NODE[/DEVICE]`; births name the metrics whose aliases later data has. */
function sparkplugReader() {
  const names = new Map<string, string>()
  return (topic: string, payload: Buffer): Message | undefined => {
    const [namespace, group, type = '', node, device] = topic.split('/')
    if (namespace !== 'spBv1.0' || !/^[ND](BIRTH|DATA)$/.test(type)) return undefined
    const { timestamp, metrics } = decodeSparkplug(payload)
    const document: Record<string, unknown> = {}
    for (const { name, alias, value } of metrics) {
      // Aliases are unique within a node, its devices included.
      const key = `${group}/${node}/${alias}`
      if (name !== undefined && alias !== undefined && names.size < maxAliases) names.set(key, name)
      const known = name ?? names.get(key)
      if (known === undefined) throw new Error(`alias ${alias} of ${node} is unknown until its next birth`)
      // `bdSeq` and `Node Control` are of the protocol, not of the device.
      if (value !== undefined && known !== 'bdSeq' && !known.startsWith('Node Control/')) {
        document[known] = typeof value === 'bigint' ? Number(value) : value
      }
    }
    return { device: device ?? node, time: timestamp, document }
  }
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch {
    throw new Error(`not JSON: ${JSON.stringify(payload.toString('utf8', 0, 60))}`)
  }
}
