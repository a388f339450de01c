import { setTimeout as sleep } from 'node:timers/promises'
import { IocError, isIocError } from '@ioc/contract/errors.ts'
import type { Vendor } from '../vendors/vendor.ts'
import { namespaces, type OnvifClient } from './client.ts'
import { requestMs } from './session.ts'
import { type Element, elementsAt, escapeXml, textAt } from './soap.ts'

/** An event, as the camera reports it. */
export interface CameraNotice {
  /** Without prefixes, as `RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string
  readonly operation: 'Initialized' | 'Changed' | 'Deleted'
  readonly source: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
  /** The camera's time, in ms; undefined where it is none, as `0000-00-00T00:00:00Z`. */
  readonly time: number | undefined
}

/** Durations in ms. Those of the subscription are sent in seconds: some cameras read minutes as seconds. */
export interface PullTimes {
  readonly subscriptionMs: number
  readonly renewMs: number
  readonly pullMs: number
  /** Between two pulls. */
  readonly restMs: number
  /** After a lost subscription; doubled up to the maximum. Subscribing too often fills the camera's table. */
  readonly restartMs: number
  readonly maxRestartMs: number
}

export const defaultPullTimes: PullTimes = {
  subscriptionMs: 600_000,
  renewMs: 480_000,
  pullMs: 60_000,
  restMs: 750,
  restartMs: 60_000,
  maxRestartMs: 600_000,
}

export type PullState = 'unknown' | 'subscribed' | 'lost' | 'unsupported'

/** What the actions of a pull point begin with. */
const pullPointActions = `${namespaces.events}/PullPointSubscription`
const maxMessages = 100
/** Pulls that may be cut in a row: cameras close a connection that waits. */
const maxCutPulls = 3

export interface PullHandlers {
  readonly onNotices: (notices: readonly CameraNotice[]) => void
  /** The subscription is lost: the states of properties are unknown until the next one. */
  readonly onLost: (error: unknown) => void
}

/**
 * Keeps one pull-point subscription of a camera. It is never ended by `Unsubscribe`: some cameras then end those of all
 * others too. It expires by itself.
 */
export class PullPoint {
  readonly #client: OnvifClient
  readonly #times: PullTimes
  readonly #handlers: PullHandlers
  #state: PullState = 'unknown'
  /** Whether the camera renews subscriptions. Some answer each `Renew` with a fault: theirs are replaced before they end. */
  #renews = true
  /** Known once the camera has stated its manufacturer. */
  vendor: Vendor | undefined

  constructor(client: OnvifClient, times: PullTimes, handlers: PullHandlers) {
    this.#client = client
    this.#times = times
    this.#handlers = handlers
  }

  get state(): PullState {
    return this.#state
  }

  /** Pulls until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    let waitMs = this.#times.restartMs
    while (!signal.aborted) {
      try {
        const subscription = await this.#subscribe(signal)
        if (!subscription) {
          this.#state = 'unsupported'
          return
        }
        this.#state = 'subscribed'
        waitMs = this.#times.restartMs
        await this.#pullUntilDue(subscription, signal)
        continue
      } catch (error) {
        if (signal.aborted) return
        this.#state = 'lost'
        this.#handlers.onLost(error)
      }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      waitMs = Math.min(2 * waitMs, this.#times.maxRestartMs)
    }
  }

  async #subscribe(signal: AbortSignal): Promise<Subscription | undefined> {
    const url = await this.#client.serviceUrl('events', signal)
    if (!url) return undefined
    const request =
      `<CreatePullPointSubscription xmlns="${namespaces.events}">` +
      `<InitialTerminationTime>${duration(this.#times.subscriptionMs)}</InitialTerminationTime></CreatePullPointSubscription>`
    const action = header(
      'http://www.onvif.org/ver10/events/wsdl/EventPortType/CreatePullPointSubscriptionRequest',
      url,
    )
    const { body, text } = await this.#client.session.call(url, request, signal, requestMs, action)
    const address = textAt(body, 'CreatePullPointSubscriptionResponse', 'SubscriptionReference', 'Address')
    const reference = address === undefined ? undefined : URL.parse(address)
    if (!reference) throw new IocError('CAMERA_ANSWER_INVALID', 'subscription without an address')
    reference.hostname = url.hostname
    const [, , parameters = ''] = /<((?:[\w-]+:)?ReferenceParameters)[^>]*>([\s\S]*?)<\/\1>/.exec(text) ?? []
    const subscription = { url: reference, parameters, renewAt: performance.now() + this.#times.renewMs }
    await this.#synchronize(subscription, signal)
    return subscription
  }

  /** Asks for the present state of all properties; cameras without the operation report changes alone. */
  async #synchronize(subscription: Subscription, signal: AbortSignal): Promise<void> {
    if (this.vendor?.synchronizes === false) return
    try {
      const request = `<SetSynchronizationPoint xmlns="${namespaces.events}"/>`
      await this.#send(subscription, `${pullPointActions}/SetSynchronizationPointRequest`, request, signal)
    } catch (error) {
      if (!isIocError(error, 'CAMERA_FAULT')) throw error
    }
  }

  /** Until the subscription has to be replaced. @throws IocError where it is lost */
  async #pullUntilDue(subscription: Subscription, signal: AbortSignal): Promise<void> {
    let cuts = 0
    while (!signal.aborted) {
      try {
        const { body } = await this.#pull(subscription, signal)
        cuts = 0
        const notices = noticesOf(body)
        if (notices.length > 0) this.#handlers.onNotices(notices)
      } catch (error) {
        if (!isIocError(error, 'CAMERA_UNREACHABLE') || ++cuts >= maxCutPulls || signal.aborted) throw error
      }
      if (performance.now() >= subscription.renewAt && !(await this.#renew(subscription, signal))) return
      await sleep(this.#times.restMs, undefined, { signal })
    }
  }

  #pull(subscription: Subscription, signal: AbortSignal) {
    const { pullMs } = this.#times
    const request = `<PullMessages xmlns="${namespaces.events}"><Timeout>${duration(pullMs)}</Timeout><MessageLimit>${maxMessages}</MessageLimit></PullMessages>`
    return this.#send(subscription, `${pullPointActions}/PullMessagesRequest`, request, signal, pullMs + requestMs)
  }

  /** @returns false where the camera renews nothing */
  async #renew(subscription: Subscription, signal: AbortSignal): Promise<boolean> {
    if (!this.#renews) return false
    const request =
      '<Renew xmlns="http://docs.oasis-open.org/wsn/b-2">' +
      `<TerminationTime>${duration(this.#times.subscriptionMs)}</TerminationTime></Renew>`
    const action = 'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest'
    try {
      await this.#send(subscription, action, request, signal)
    } catch (error) {
      if (!isIocError(error, 'CAMERA_FAULT')) throw error
      this.#renews = false
      return false
    }
    subscription.renewAt = performance.now() + this.#times.renewMs
    return true
  }

  #send(subscription: Subscription, action: string, request: string, signal: AbortSignal, timeoutMs = requestMs) {
    const { url, parameters } = subscription
    return this.#client.session.call(url, request, signal, timeoutMs, header(action, url) + parameters)
  }
}

interface Subscription {
  readonly url: URL
  /** What the camera wants back in each header, as XML. */
  readonly parameters: string
  /** Monotonic, in ms. */
  renewAt: number
}

function header(action: string, to: URL): string {
  const namespace = 'xmlns="http://www.w3.org/2005/08/addressing"'
  return `<Action ${namespace} s:mustUnderstand="1">${action}</Action><To ${namespace} s:mustUnderstand="1">${escapeXml(to.href)}</To>`
}

function duration(ms: number): string {
  return `PT${Math.max(1, Math.round(ms / 1_000))}S`
}

/** The messages of a pull. What has no topic is left out. */
function noticesOf(body: Element): CameraNotice[] {
  return elementsAt(body, 'PullMessagesResponse', 'NotificationMessage').flatMap((one) => {
    const topic = textAt(one, 'Topic')
    if (topic === undefined) return []
    const [message] = elementsAt(one, 'Message', 'Message')
    const time = Date.parse(textAt(message, '@UtcTime') ?? '')
    const operation = textAt(message, '@PropertyOperation')
    return [
      {
        topic: normalTopic(topic),
        operation: operation === 'Initialized' || operation === 'Deleted' ? operation : 'Changed',
        source: itemsOf(message, 'Source'),
        data: itemsOf(message, 'Data'),
        time: Number.isNaN(time) || time <= 0 ? undefined : time,
      },
    ]
  })
}

/** Without the prefixes of each level, and without dots and slashes at the end, which some cameras write. */
function normalTopic(topic: string): string {
  return topic
    .trim()
    .replace(/[/.]+$/, '')
    .split('/')
    .map((level) => level.slice(level.indexOf(':') + 1))
    .join('/')
}

function itemsOf(message: Element | undefined, part: string): Record<string, string> {
  const items = elementsAt(message, part, 'SimpleItem').flatMap((item) => {
    const name = textAt(item, '@Name')
    return name === undefined ? [] : [[name, textAt(item, '@Value') ?? ''] as const]
  })
  return Object.fromEntries(items)
}
