import { escapeXml } from './soap.ts'

/** An event of a camera. */
export interface CameraEvent {
  /** As `RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string
  readonly operation: 'Initialized' | 'Changed' | 'Deleted'
  readonly source?: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
}

interface Subscription {
  readonly id: number
  /** When it ends without a renewal, in ms of the camera's clock. */
  expires: number
  readonly queue: string[]
  wake: (() => void) | undefined
}

/** Messages that one subscription keeps; older ones are dropped, as cameras do. */
const maxQueued = 1_000

/** The pull-point subscriptions of a camera. They end with a reboot. */
export class Subscriptions {
  readonly #open = new Map<number, Subscription>()
  #next = 1
  /** Subscriptions that were ever asked for, granted or not. */
  requested = 0

  /** @returns undefined where there are as many as the camera can have */
  create(now: number, lastsMs: number, max: number): Subscription | undefined {
    this.requested += 1
    this.#expire(now)
    if (this.#open.size >= max) return undefined
    const created: Subscription = { id: this.#next++, expires: now + lastsMs, queue: [], wake: undefined }
    this.#open.set(created.id, created)
    return created
  }

  find(id: number, now: number): Subscription | undefined {
    this.#expire(now)
    return this.#open.get(id)
  }

  get size(): number {
    return this.#open.size
  }

  /** Messages that no pull has read yet. */
  get waiting(): number {
    return [...this.#open.values()].reduce((all, { queue }) => all + queue.length, 0)
  }

  end(id: number): void {
    this.#open.get(id)?.wake?.()
    this.#open.delete(id)
  }

  clear(): void {
    for (const id of this.#open.keys()) this.end(id)
  }

  put(event: CameraEvent, now: number): void {
    const text = notification(event, now)
    for (const { queue, wake } of this.#open.values()) {
      queue.push(text)
      if (queue.length > maxQueued) queue.shift()
      wake?.()
    }
  }

  /** Resolves to messages as soon as there are some, or to none after the time, or when the subscription ends. */
  async pull(subscription: Subscription, timeoutMs: number, max: number): Promise<string[]> {
    if (subscription.queue.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        subscription.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      subscription.wake = undefined
    }
    return subscription.queue.splice(0, max)
  }

  #expire(now: number): void {
    for (const { id, expires } of this.#open.values()) if (expires < now) this.end(id)
  }
}

function items(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<tt:SimpleItem Name="${escapeXml(name)}" Value="${escapeXml(value)}"/>`)
    .join('')
}

function notification({ topic, operation, source = {}, data }: CameraEvent, now: number): string {
  return (
    '<wsnt:NotificationMessage>' +
    `<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:${escapeXml(topic)}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${new Date(now).toISOString()}" PropertyOperation="${operation}">` +
    `<tt:Source>${items(source)}</tt:Source><tt:Data>${items(data)}</tt:Data></tt:Message></wsnt:Message>` +
    '</wsnt:NotificationMessage>'
  )
}
