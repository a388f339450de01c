import { isIocError } from '@ioc/contract/errors.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { type Fate, maxPutRecords, maxWaiting, type PutItem, type Reason, type ToChild } from './ipc.ts'
import { readCase, readMeasurement } from './records.ts'

/** Time between two batches of flows, in ms, at least: each is written to the disk. */
const minBatchMs = 20
/** Batches that wait, at most: a child sends one at a time. */
const maxBatches = 4
/** Messages whose acknowledgement a flow waits for, at most. */
const maxTracked = 2_000

/** A message of the outbox. */
export interface Queued {
  readonly epoch: string
  readonly seq: number
}

/** The outbox of the agent. Each resolves to `undefined` where there is no room. */
export interface OutletOutbox {
  put(records: readonly MeasurementRecord[]): Queued | undefined
  putCases(records: readonly CaseRecord[]): Queued | undefined
  isQueued(message: Queued): boolean
}

const noRoom: Reason = { vi: 'hàng đợi trên đĩa đã đầy', en: 'the outbox has no room' }
const noRecords: Reason = { vi: 'không có bản ghi', en: 'no records' }
const tooFast: Reason = { vi: 'luồng gửi quá nhanh', en: 'the flow sends too fast' }

/** Brings what flows send to the outbox, validated, and reports what becomes of it. */
export class Outlet {
  readonly #outbox: OutletOutbox
  readonly #send: (message: ToChild) => void
  readonly #batches: (readonly PutItem[])[] = []
  /** Numbers of the child's messages, by the message of the outbox that they are in. Oldest first. */
  readonly #tracked = new Map<string, { readonly message: Queued; readonly ns: readonly number[] }>()
  #timer: NodeJS.Timeout | undefined

  constructor(outbox: OutletOutbox, send: (message: ToChild) => void) {
    this.#outbox = outbox
    this.#send = send
  }

  /** @throws TypeError where the items are not of their form */
  receive(items: readonly PutItem[]): void {
    if (!Array.isArray(items) || items.length > maxWaiting || !items.every(isItem)) throw new TypeError('no items')
    if (this.#batches.length >= maxBatches) {
      this.#report('refused', numbersOf(items), tooFast)
      return
    }
    this.#batches.push(items)
    this.#timer ??= setTimeout(() => this.#next(), minBatchMs)
  }

  /** The broker has acknowledged these messages of the outbox. */
  acknowledged(epoch: string, seqs: Iterable<number>): void {
    if (this.#tracked.size === 0) return
    const ns: number[] = []
    for (const seq of seqs) {
      const key = keyOf({ epoch, seq })
      ns.push(...(this.#tracked.get(key)?.ns ?? []))
      this.#tracked.delete(key)
    }
    this.#report('sent', ns)
  }

  /** Reports messages that the outbox has dropped. */
  check(): void {
    for (const [key, { message, ns }] of this.#tracked) {
      if (this.#outbox.isQueued(message)) continue
      this.#tracked.delete(key)
      this.#report('dropped', ns)
    }
  }

  /** The child is gone: its numbers mean nothing to the next. */
  reset(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#batches.length = 0
    this.#tracked.clear()
  }

  #next(): void {
    const items = this.#batches.shift() ?? []
    this.#timer = this.#batches.length > 0 ? setTimeout(() => this.#next(), minBatchMs) : undefined
    const now = Date.now()
    const of = (channel: PutItem['channel']) => items.filter((one) => one.channel === channel)
    this.#queue(
      of('telemetry'),
      (raw) => readMeasurement(raw, now),
      (records) => this.#outbox.put(records),
    )
    this.#queue(
      of('cases'),
      (raw) => readCase(raw, now),
      (records) => this.#outbox.putCases(records),
    )
  }

  /** Queues the valid items as one message. An item with an invalid record is refused as a whole. */
  #queue<T>(
    items: readonly PutItem[],
    read: (raw: unknown) => { readonly record?: T; readonly reason?: Reason },
    put: (records: readonly T[]) => Queued | undefined,
  ): void {
    const records: T[] = []
    const ns: number[] = []
    for (const { n, records: raws } of items) {
      const results = raws.map(read)
      const reason = results.find((one) => one.reason)?.reason
      if (reason) this.#report('refused', [n], reason)
      else {
        records.push(...results.flatMap(({ record }) => (record === undefined ? [] : [record])))
        ns.push(n)
      }
    }
    if (ns.length === 0) return
    const message = records.length > 0 ? this.#put(records, put) : undefined
    if (message) {
      this.#report('queued', ns)
      this.#track(message, ns)
    } else this.#report('refused', ns, records.length > 0 ? noRoom : noRecords)
  }

  #put<T>(records: readonly T[], put: (records: readonly T[]) => Queued | undefined): Queued | undefined {
    try {
      return put(records)
    } catch (error) {
      // The disk does not even take a new outbox.
      if (isIocError(error)) return undefined
      throw error
    }
  }

  #track(message: Queued, ns: readonly number[]): void {
    this.#tracked.set(keyOf(message), { message, ns })
    const [oldest] = this.#tracked
    if (this.#tracked.size <= maxTracked || !oldest) return
    this.#tracked.delete(oldest[0])
    this.#report('untracked', oldest[1].ns)
  }

  #report(fate: Fate, ns: readonly number[], reason?: Reason): void {
    if (ns.length > 0) this.#send({ kind: 'fate', fate, ns, ...(reason ? { reason } : {}) })
  }
}

function isItem(item: unknown): item is PutItem {
  const { n, channel, records } = (item ?? {}) as Partial<PutItem>
  const isKnown = channel === 'telemetry' || channel === 'cases'
  return Number.isSafeInteger(n) && isKnown && Array.isArray(records) && records.length <= maxPutRecords
}

function numbersOf(items: readonly PutItem[]): number[] {
  return items.map(({ n }) => n)
}

function keyOf({ epoch, seq }: Queued): string {
  return `${epoch}/${seq}`
}
