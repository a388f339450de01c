import { type EventEmitter, once } from 'node:events'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { metricNameOf, slugOf } from '@ioc/contract/names.ts'
import { topicMatches } from '@ioc/contract/topic-matches.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { isScalar } from '../../config/fields.ts'
import { problemTexts } from '../../mapping/collected.ts'
import { Mapping, type Row } from '../../mapping/mapping.ts'
import { atPointer } from '../../mapping/pointer.ts'
import { parseTime } from '../../mapping/times.ts'
import type { Collected, Collector, CollectorContext } from '../collector.ts'
import type { MqttBridgeOptions } from './kind.ts'
import { deviceColumn, mapOf, timeColumn, topicColumn } from './map.ts'
import { type Message, readerOf } from './presets.ts'

/** Messages between two runs, at most; the oldest are dropped, and reported. */
const maxBuffered = 20_000
/** The largest message that is read, in bytes. */
const maxPayload = 1_048_576
/** Time between two attempts to connect, in ms. */
const reconnectMs = 5_000
/** The most problems of one run that are reported. */
const maxProblems = 100
/** The most devices that messages may name. */
const maxDevices = 10_000
/** The most values of one message that are sent without a mapping, and levels of objects in it. */
const maxValues = 256
const maxDepth = 8

type Subscription = MqttBridgeOptions['subscriptions'][number]

/** A subscription, and the mapping of its messages. */
class Source {
  readonly topic: string
  readonly read: ReturnType<typeof readerOf>
  readonly mapping: Mapping | undefined

  constructor({ topic, preset, map }: Subscription) {
    this.topic = topic
    this.read = readerOf(preset)
    this.mapping = map && new Mapping(mapOf(map))
  }
}

interface Received {
  readonly source: Source
  readonly topic: string
  readonly message: Message
  readonly at: number
}

/** Receives topics of a local broker. Messages are read as they arrive, and queued at each run. */
export function createMqttBridgeCollector(options: MqttBridgeOptions, { id, address }: CollectorContext): Collector {
  const sources = options.subscriptions.map((subscription) => new Source(subscription))
  const devices = new Map<string, DeviceBirth>()
  let buffer: Received[] = []
  let problems: string[] = []
  let client: MqttClient | undefined
  let lastError: Error | undefined

  const problem = (text: string): void => {
    if (problems.length < maxProblems) problems.push(text)
  }

  function receive(topic: string, payload: Buffer, isRetained: boolean): void {
    for (const source of sources) {
      if (!topicMatches(source.topic, topic)) continue
      try {
        if (payload.length > maxPayload) throw new Error(`the message is larger than ${maxPayload} bytes`)
        const message = source.read(topic, payload)
        if (!message) continue
        // What the broker kept is of unknown age: under the time of its arrival it would look measured now.
        if (isRetained && message.time === undefined && !source.mapping?.hasTime) continue
        buffer.push({ source, topic, message, at: Date.now() })
      } catch (error) {
        problem(`${topic}: ${(error as Error).message}`)
      }
    }
    if (buffer.length > maxBuffered) {
      buffer = buffer.slice(-maxBuffered)
      problem(`more than ${maxBuffered} messages between two runs: the oldest were dropped`)
    }
  }

  function open(): MqttClient {
    const opened = mqtt.connect(options.url, {
      // A session of the broker's, so that it keeps messages while the agent restarts.
      clientId: `ioc-${address.node}-${id}`,
      clean: false,
      reconnectPeriod: reconnectMs,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
    })
    opened.on('error', (error) => {
      lastError = error
    })
    opened.on('message', (topic, payload, { retain }) => receive(topic, payload, retain))
    opened.on('connect', () => {
      lastError = undefined
      for (const { topic } of sources) {
        opened.subscribe(topic, { qos: 1 }, (error, granted) => {
          if (error || granted?.some(({ qos }) => qos === 128))
            lastError = error ?? new Error(`the broker refused ${topic}`)
        })
      }
    })
    return opened
  }

  function mapped({ source, topic, message, at }: Received): Collected {
    if (source.mapping) {
      const result = source.mapping.map([rowOf(topic, message)], { ts: timeOf(message) ?? at, decimal: '.' })
      return { measurements: result.measurements, cases: result.cases, problems: problemTexts(result) }
    }
    const device = slugOf(message.device ?? '')
    if (device === undefined) return { problems: [`${topic}: cannot be the name of a device`] }
    const values = flatten(message.document)
    if (Object.keys(values).length === 0) return {}
    if (!devices.has(device) && devices.size < maxDevices)
      devices.set(device, { id: device, ...nameOf(message.device, device) })
    return { measurements: [{ device, ts: timeOf(message) ?? at, values }] }
  }

  return {
    devices: () => [...sources.flatMap(({ mapping }) => mapping?.devices() ?? []), ...devices.values()],
    async collect(signal): Promise<Collected> {
      client ??= open()
      if (!client.connected) {
        await once(client as unknown as EventEmitter, 'connect', { signal }).catch(() => {
          throw lastError ?? new Error(`the broker ${options.url} does not answer`)
        })
      }
      if (lastError) throw lastError
      const received = buffer.splice(0)
      const results = received.map(mapped)
      const all = [...problems, ...results.flatMap((result) => result.problems ?? [])].slice(0, maxProblems)
      problems = []
      return {
        measurements: results.flatMap((result) => result.measurements ?? []),
        cases: results.flatMap((result) => result.cases ?? []),
        problems: all,
      }
    },
    stop: () => client?.endAsync(true),
  }
}

function rowOf(topic: string, { device, time, document }: Message): Row {
  const levels = topic.split('/')
  return {
    label: topic,
    get(name) {
      if (name === deviceColumn) return device
      if (name === timeColumn) return time
      const [, level] = topicColumn.exec(name) ?? []
      return level === undefined ? atPointer(document, name) : levels[Number(level)]
    },
  }
}

function timeOf({ time }: Message): number | undefined {
  return parseTime(time, 'auto')?.ms
}

function nameOf(name: string | undefined, id: string) {
  return name === undefined || name === id ? {} : { name: name.slice(0, 200) }
}

/** All single values of a document, under the names of their path. */
function flatten(document: unknown): MeasurementRecord['values'] {
  const values: MeasurementRecord['values'] = {}
  const add = (path: string, value: unknown, depth: number): void => {
    if (Object.keys(values).length === maxValues || depth > maxDepth) return
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) add(path === '' ? key : `${path}_${key}`, inner, depth + 1)
      return
    }
    const name = metricNameOf(path)
    if (name !== undefined && isScalar(value)) values[name] = value
  }
  add('', document, 0)
  return values
}
