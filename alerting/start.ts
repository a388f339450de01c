import { join } from 'node:path'
import { isIocError } from '@ioc/contract/errors.ts'
import { isNotifyCommand, parseAlertingCommand } from '@ioc/contract/messages/alerting-command.ts'
import { thingId } from '@ioc/contract/messages/incidents.ts'
import type { Options } from '@ioc/contract/options.ts'
import {
  alertingTopic,
  answerTopic,
  deliveriesTopic,
  filters,
  incidentTopic,
  liveBatchTopic,
  livePrefix,
  maintenanceTopic,
  rotaTopic,
} from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { watchDistrict } from '@ioc/runtime/district/watch.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Running } from '@ioc/runtime/process.ts'
import mqtt from 'mqtt'
import { createCentreChecker, endpointsOf } from './centre-checks.ts'
import { readChannelSettings } from './channel-settings.ts'
import { vapidKeys } from './channels/push/channel.ts'
import { createChannels } from './channels/table.ts'
import type { EscalationContext } from './escalation.ts'
import { figuresOf } from './figures.ts'
import { createIncidentWatch } from './incident-watch.ts'
import { openJournal } from './journal.ts'
import { openLinks } from './links.ts'
import { createLiveObserver } from './live-observer.ts'
import { liveRota } from './live-rota.ts'
import type { WatchEvent } from './machine.ts'
import type { alertingOptions } from './options.ts'
import { createOutbox, deliveriesOf, openOutboxJournal } from './outbox.ts'
import { placeOf } from './place.ts'
import { observeCentre, observeNotification } from './self-observer.ts'

/** How often the timers of the watch are looked at, in ms; what was observed meanwhile is one step. */
const tickMs = 1_000
/** How long a link or a reply in place of a page acknowledges for, in ms. */
const replyMs = 3_600_000
/** How often who is on call is published, and an outside watcher is called, in ms. */
const minuteMs = 60_000
const incidentPrefix = `${livePrefix}incident/`
const deliveriesPrefix = `${livePrefix}deliveries/`

/** Observes the live topics, and publishes incidents. */
export async function startAlerting(options: Options<typeof alertingOptions>, logger: Logger): Promise<Running> {
  const folder = join(options.dataDir, 'alerting')
  const settings = readChannelSettings(options.channelsFile || join(folder, 'channels.yaml'))
  const journal = openJournal(folder)
  const people = watchDistrict({
    files: options,
    logger,
    pollMs: options.districtPollMs,
    onChange: async () => publishRota(),
    // The processor reports what is wrong with the files.
    onProblem: () => undefined,
  })
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
  const pushKeys = vapidKeys(join(folder, 'vapid.json'))
  const channels = createChannels({
    ...{ settings, client, folder, pushKeys, now: Date.now },
    subscriptionsOf: (person) => [...outbox.state.subscriptions.values()].filter((one) => one.person === person),
    onGone: (endpoint) => outbox.handle({ kind: 'unsubscribe', endpoint }),
  })
  const escalationContext = (): EscalationContext => ({
    people: people.district.people,
    incidents: watch.state.incidents,
    factsOf: (incident) => placeOf(incident, observer.context),
  })
  const outbox = createOutbox({
    ...{ channels: () => channels, context: escalationContext, now: Date.now, logger },
    journal: openOutboxJournal(folder),
    links: openLinks(folder),
    wallUrl: options.wallUrl.replace(/\/+$/, ''),
    siteName: (site) => observer.context.graph.factsOf(thingId('site', site)).name ?? site,
    onDeliveries: (incident, deliveries) =>
      publish(deliveriesTopic(incident), deliveries.length === 0 ? null : { incident, deliveries }),
    onAnswer: (answer) => {
      if (client.connected) client.publish(answerTopic, JSON.stringify(answer), { qos: 1 })
    },
    onAcknowledge: (by, incidents, note) => {
      const until = Date.now() + replyMs
      flush(...incidents.map((id) => ({ kind: 'acknowledge' as const, by, id, until, note })))
      return until
    },
  })
  const publish = (topic: string, value: object | null) => {
    // A reconnection publishes everything again.
    if (client.connected) client.publish(topic, value === null ? '' : JSON.stringify(value), { qos: 0, retain: true })
  }
  const watch = createIncidentWatch({
    journal,
    notifier: outbox,
    context: () => observer.context,
    onIncident: (id, incident) => publish(incidentTopic(id), incident),
    onMaintenance: (maintenance) => publish(maintenanceTopic, maintenance),
    now: Date.now,
    logger,
  })
  const checker = createCentreChecker(options.dataDir, endpointsOf(options.certificates, options.wallUrl), logger)
  let waiting: WatchEvent[] = []

  function flush(...events: WatchEvent[]): void {
    const all = [...waiting, ...events]
    waiting = []
    watch.handle(all)
  }

  function command(payload: Buffer): void {
    try {
      const parsed = parseAlertingCommand(payload, Date.now())
      if (isNotifyCommand(parsed)) {
        outbox.command(parsed)
        publishRota()
      } else flush(parsed)
    } catch (error) {
      if (!isIocError(error)) throw error
      logger.warn({ reason: error.message }, 'a command is rejected')
    }
  }

  function publishRota(): void {
    const overrides = [...outbox.state.overrides.values()]
    publish(rotaTopic, liveRota(people.district.people, overrides, pushKeys.publicKey, Date.now()))
  }

  /** Whoever watches the watch misses the call. */
  function beat(): void {
    publishRota()
    if (options.heartbeatUrl === '') return
    fetch(options.heartbeatUrl, { method: 'POST', signal: AbortSignal.timeout(minuteMs) }).catch((error: Error) =>
      logger.warn({ err: error }, 'the outside watcher cannot be reached'),
    )
  }

  /** Removes what an earlier journal published. */
  function removeUnknown(topic: string, payload: Buffer): void {
    const id = Number(topic.split('/').at(-1))
    const isKnown = topic.startsWith(incidentPrefix)
      ? watch.state.incidents.has(id)
      : deliveriesOf(outbox.state, id).length > 0
    if (payload.length > 0 && !isKnown) publish(topic, null)
  }

  client.on('error', (error) => logger.debug({ err: error }, 'MQTT'))
  client.on('connect', () => {
    client.subscribe([alertingTopic, liveBatchTopic, filters.live, filters.status], { qos: 0 })
    watch.publishAll()
    watch.handNotices()
    outbox.publishAll()
    publishRota()
  })
  client.on('message', (topic, payload, { retain }) => {
    if (topic === alertingTopic) return command(payload)
    if (topic.startsWith(incidentPrefix) || topic.startsWith(deliveriesPrefix)) return removeUnknown(topic, payload)
    waiting.push(...observer.receive(topic, payload, retain))
  })
  client.connect()
  const timer = setInterval(() => {
    const { problems } = watch.state
    const ofNotification = observeNotification(outbox.state, channels, watch.state, Date.now())
    const ofCentre = observeCentre(checker.found, watch.state, Date.now())
    flush(...observer.overdue(problems), ...observer.goneThings(problems), ...ofNotification, ...ofCentre, {
      kind: 'tick',
    })
    outbox.handle({ kind: 'tick' })
  }, tickMs)
  const beats = setInterval(beat, minuteMs)
  people.start()
  checker.start()
  for (const channel of channels.values()) channel.start?.((reply) => outbox.reply(reply))

  return {
    async stop() {
      clearInterval(timer)
      clearInterval(beats)
      checker.stop()
      await people.stop(tickMs)
      await outbox.stop()
      await client.endAsync()
      journal.stop()
    },
    gauges: () => figuresOf(watch.state.incidents.values(), Date.now()),
  }
}
