import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import {
  type Fate,
  type FlowMessage,
  type FromChild,
  maxPutBytes,
  maxPutRecords,
  maxWaiting,
  type PutItem,
  type Reason,
  type ToChild,
} from './ipc.ts'
import type { AgentLink } from './runtime.ts'

type OnFate = (fate: Fate, reason: Reason | undefined) => void

/**
 * The child's end of the channel to the agent. One batch is under way at a time: the next is sent when the agent has answered,
 * so that a flow that runs wild waits in its own process.
 */
export class Link implements AgentLink {
  readonly #send: (message: FromChild) => void
  readonly #waiting: PutItem[] = []
  /** By number, from `put` until the last fate. */
  readonly #fates = new Map<number, OnFate>()
  #underWay = 0
  #n = 0
  readonly #listeners = new Map<string, Set<(message: FlowMessage) => void>>()
  readonly #devices = new Set<DeviceBirth>()
  #declaring: NodeJS.Immediate | undefined

  constructor(send: (message: FromChild) => void) {
    this.#send = send
  }

  put(item: Omit<PutItem, 'n'>, onFate: OnFate): void {
    const refusal = this.#refusalOf(item)
    if (refusal) {
      onFate('refused', refusal)
      return
    }
    const n = ++this.#n
    this.#fates.set(n, onFate)
    this.#waiting.push({ ...item, n })
    this.#pump()
  }

  listen(source: string, handler: (message: FlowMessage) => void): () => void {
    const handlers = this.#listeners.get(source) ?? new Set()
    this.#listeners.set(source, handlers.add(handler))
    this.#declareSoon()
    return () => {
      handlers.delete(handler)
      this.#declareSoon()
    }
  }

  declare(device: DeviceBirth): () => void {
    this.#devices.add(device)
    this.#declareSoon()
    return () => {
      this.#devices.delete(device)
      this.#declareSoon()
    }
  }

  receive(message: ToChild): void {
    switch (message.kind) {
      case 'fate':
        this.#settle(message.ns, message.fate, message.reason)
        return
      case 'message':
        for (const handler of this.#listeners.get(message.source) ?? []) handler(message)
        return
      case 'start':
      case 'close-editor':
      case 'stop':
        return
      default:
        message satisfies never
    }
  }

  #refusalOf({ records }: Omit<PutItem, 'n'>): Reason | undefined {
    if (this.#waiting.length >= maxWaiting) {
      return { vi: `quá ${maxWaiting} bản tin đang chờ gửi`, en: `more than ${maxWaiting} messages are waiting` }
    }
    if (records.length > maxPutRecords) {
      return { vi: `quá ${maxPutRecords} bản ghi`, en: `more than ${maxPutRecords} records` }
    }
    let bytes: number
    let wrong: string | undefined
    try {
      const text = JSON.stringify(records, (name, value: unknown) => {
        // JSON has neither NaN nor Infinity: the agent would read them as null.
        if (typeof value === 'number' && !Number.isFinite(value)) wrong ??= name
        return value
      })
      bytes = Buffer.byteLength(text)
    } catch (error) {
      const { message } = error as Error
      return { vi: `không viết được thành JSON: ${message}`, en: `cannot be written as JSON: ${message}` }
    }
    if (wrong !== undefined) return { vi: `${wrong}: cần một số`, en: `${wrong}: expected a number` }
    if (bytes <= maxPutBytes) return undefined
    return { vi: `${bytes} byte, tối đa ${maxPutBytes}`, en: `${bytes} bytes; expected at most ${maxPutBytes}` }
  }

  #pump(): void {
    if (this.#underWay > 0 || this.#waiting.length === 0) return
    const items: PutItem[] = []
    let records = 0
    for (;;) {
      const [next] = this.#waiting
      if (!next || (items.length > 0 && records + next.records.length > maxPutRecords)) break
      records += next.records.length
      items.push(next)
      this.#waiting.shift()
    }
    this.#underWay = items.length
    this.#send({ kind: 'put', items })
  }

  #settle(ns: readonly number[], fate: Fate, reason: Reason | undefined): void {
    for (const n of ns) {
      const onFate = this.#fates.get(n)
      if (fate !== 'queued') this.#fates.delete(n)
      onFate?.(fate, reason)
    }
    if (fate !== 'queued' && fate !== 'refused') return
    this.#underWay = Math.max(0, this.#underWay - ns.length)
    this.#pump()
  }

  /** Flows start and stop node by node: they are declared together. */
  #declareSoon(): void {
    this.#declaring ??= setImmediate(() => {
      this.#declaring = undefined
      const sources = [...this.#listeners].filter(([, handlers]) => handlers.size > 0).map(([source]) => source)
      this.#send({ kind: 'declared', devices: [...this.#devices], sources })
    })
  }
}
