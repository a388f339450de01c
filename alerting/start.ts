import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { parseAlertingCommand } from '@ioc/contract/messages/alerting-command.ts'
import type { Options } from '@ioc/contract/options.ts'
import {
  alertingTopic,
  filters,
  incidentTopic,
  liveBatchTopic,
  livePrefix,
  maintenanceTopic,
} from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import mqtt from 'mqtt'
import { figuresOf } from './figures.ts'
import { createIncidentWatch } from './incident-watch.ts'
import { openJournal } from './journal.ts'
import { createLiveObserver } from './live-observer.ts'
import type { WatchEvent } from './machine.ts'
import { createMqttNotifier } from './mqtt-notifier.ts'
import type { alertingOptions } from './options.ts'

/** How often the timers of the watch are looked at, in ms; what was observed meanwhile is one step. */
const tickMs = 1_000
const incidentPrefix = `${livePrefix}incident/`

/** Observes the live topics, and publishes incidents. */
export async function startAlerting(options: Options<typeof alertingOptions>, logger: Logger): Promise<Running> {
  const journal = openJournal(join(options.dataDir, 'alerting'))
  const credential = await readCredential(credentialFile(options.dataDir, 'centre'))
  const client = mqtt.connect(`mqtt://${urlHost(options.bind)}:${options.mqttPort}`, {
    ...credential,
    clientId: `alerting-${process.pid}`,
    reconnectPeriod: 500,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
  })
  const observer = createLiveObserver(Date.now)
  const notifier = createMqttNotifier(client)
  const publish = (topic: string, value: object | null) => {
    // A reconnection publishes everything again.
    if (client.connected) client.publish(topic, value === null ? '' : JSON.stringify(value), { qos: 0, retain: true })
  }
  const watch = createIncidentWatch({
    journal,
    notifier,
    context: () => observer.context,
    onIncident: (id, incident) => publish(incidentTopic(id), incident),
    onMaintenance: (maintenance) => publish(maintenanceTopic, maintenance),
    now: Date.now,
    logger,
  })
  let waiting: WatchEvent[] = []

  function flush(...events: WatchEvent[]): void {
    const all = [...waiting, ...events]
    waiting = []
    watch.handle(all)
  }

  function command(payload: Buffer): void {
    try {
      flush(parseAlertingCommand(payload, Date.now()))
    } catch (error) {
      if (!isIocError(error)) throw error
      logger.warn({ reason: error.message }, 'a command is rejected')
    }
  }

  /** Removes what an earlier journal published. */
  function removeUnknown(topic: string, payload: Buffer): void {
    if (payload.length > 0 && !watch.state.incidents.has(Number(topic.slice(incidentPrefix.length))))
      publish(topic, null)
  }

  client.on('error', (error) => logger.debug({ err: error }, 'MQTT'))
  client.on('connect', () => {
    client.subscribe([alertingTopic, liveBatchTopic, filters.live, filters.status], { qos: 0 })
    watch.publishAll()
    watch.handNotices()
  })
  client.on('message', (topic, payload, { retain }) => {
    if (topic === alertingTopic) return command(payload)
    if (topic.startsWith(incidentPrefix)) return removeUnknown(topic, payload)
    waiting.push(...observer.receive(topic, payload, retain))
  })
  client.connect()
  const timer = setInterval(() => {
    const { problems } = watch.state
    flush(...observer.silentDevices(problems), ...observer.goneThings(problems), { kind: 'tick' })
  }, tickMs)

  return {
    async stop() {
      clearInterval(timer)
      await client.endAsync()
      await notifier.stop()
      journal.stop()
    },
    gauges: () => figuresOf(watch.state.incidents.values(), Date.now()),
  }
}
