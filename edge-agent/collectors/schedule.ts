import type { CollectorState, DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { Collected, Collector } from './collector.ts'
import { maxRecords } from './gather.ts'
import { messageOf } from './message-of.ts'

/** Longest time between two runs of a collector that fails, in ms, unless its cadence is longer. */
const maxBackoffMs = 300_000
/** Longest that stopping waits for a run that is under way, in ms. */
const maxLastRunMs = 2_000
/**
 * Time between the first runs of two collectors, in ms, within their cadence. Two hundred that began together would send
 * their requests, and write their records to the disk, in one burst at each cadence, and wait for each other.
 */
const startSpacingMs = 50
/** Characters of an error in a status, at most. */
const maxErrorLength = 300

/** A collector, and when it runs. */
export interface Task {
  readonly id: string
  readonly type: string
  /** All that it is configured with: one with another key is another collector. */
  readonly key: string
  /** Time between runs; `undefined` follows the cadence of the agent. */
  readonly cadenceMs: number | undefined
  readonly timeoutMs: number
  /** Its devices report at each run. */
  readonly isPeriodic: boolean
  create(): Promise<Collector>
}

export interface ScheduleEvents {
  /** Queues what one run measured, in portions that fit a message. Resolves to whether it is on disk. */
  emit(portion: Pick<Collected, 'measurements' | 'cases' | 'past'>): Promise<boolean>
  /** The state of a collector, or its devices, changed. */
  changed(): void
}

/**
 * Runs collectors, each with its own cadence, timeout and back-off. One that fails, hangs or is slow delays no other, and is
 * not started again before it ended.
 */
export class Schedule {
  readonly #events: ScheduleEvents
  readonly #logger: Logger
  #loops: readonly CollectorLoop[] = []
  /** Those that were there before the last change, and worked then. */
  #worked: ReadonlySet<CollectorLoop> = new Set()
  #kept: ReadonlySet<CollectorLoop> = new Set()
  #cadenceMs: number
  #isRunning = false

  constructor(cadenceMs: number, events: ScheduleEvents, logger: Logger) {
    this.#cadenceMs = cadenceMs
    this.#events = events
    this.#logger = logger
  }

  /**
   * Replaces the collectors. One that is configured as before goes on; the others are stopped before new ones are created,
   * because these may need the same port or file. One that cannot be created is retried.
   */
  async configure(tasks: readonly Task[]): Promise<void> {
    const before = new Map(this.#loops.map((loop) => [loop.key, loop]))
    const loops = tasks.map(
      (task) => before.get(task.key) ?? new CollectorLoop(task, this.#cadenceMs, this.#events, this.#logger),
    )
    this.#kept = new Set(loops.filter((loop) => before.get(loop.key) === loop))
    this.#worked = new Set([...this.#kept].filter((loop) => loop.isWorking))
    const isNew = (loop: CollectorLoop) => !this.#kept.has(loop)
    await Promise.all(this.#loops.filter(isNew).map((loop) => loop.stop()))
    this.#loops = loops
    // So that the first birth has their devices.
    await Promise.all(loops.filter(isNew).map((loop) => loop.prepare()))
    if (this.#isRunning) this.#startSpaced(loops.filter(isNew))
  }

  /** A collector that fails since the last change: a new one, or one that worked before. */
  get newFailure(): CollectorState | undefined {
    const isNewFailure = (loop: CollectorLoop) =>
      loop.state.state === 'failing' && (this.#worked.has(loop) || !this.#kept.has(loop))
    return this.#loops.find(isNewFailure)?.state
  }

  start(): void {
    this.#isRunning = true
    this.#startSpaced(this.#loops)
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** Runs all collectors now, beside their cadence. */
  collectNow(): void {
    for (const loop of this.#loops) loop.collectNow()
  }

  /** Changes the cadence of collectors without one of their own, in ms, from now on. */
  setCadence(ms: number): void {
    if (ms === this.#cadenceMs) return
    this.#cadenceMs = ms
    this.#logger.info({ cadence_ms: ms }, 'cadence changed')
    for (const loop of this.#loops) loop.setCadence(ms)
  }

  states(): CollectorState[] {
    return this.#loops.map((loop) => loop.state)
  }

  devices(): DeviceBirth[] {
    return this.#loops.flatMap((loop) => loop.devices())
  }

  #startSpaced(loops: readonly CollectorLoop[]): void {
    for (const [index, loop] of loops.entries()) loop.start(index * startSpacingMs)
  }
}

class CollectorLoop {
  readonly #task: Task
  readonly #events: ScheduleEvents
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  #collector: Collector | undefined
  #agentCadenceMs: number
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** A run that did not end at its timeout. */
  #overdue = false
  #due = 0
  /** How long after the first collectors it runs, in ms. */
  #offset = 0
  #failures = 0
  #deviceIds = ''
  #state: CollectorState

  constructor(task: Task, agentCadenceMs: number, events: ScheduleEvents, logger: Logger) {
    this.#task = task
    this.#agentCadenceMs = agentCadenceMs
    this.#events = events
    this.#logger = logger.child({ collector: task.id })
    this.#state = { id: task.id, type: task.type, state: 'starting', since: Date.now(), records: 0 }
  }

  get state(): CollectorState {
    return this.#state
  }

  get key(): string {
    return this.#task.key
  }

  get isWorking(): boolean {
    return this.#state.state === 'ok' || this.#state.state === 'partial'
  }

  devices(): DeviceBirth[] {
    const devices = this.#collector?.devices() ?? []
    if (!this.#task.isPeriodic) return devices
    return devices.map((device) => ({ cadence_s: this.#cadenceMs / 1000, ...device }))
  }

  async prepare(): Promise<void> {
    try {
      this.#collector = await this.#task.create()
      this.#deviceIds = this.#idsOfDevices()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Runs from now on, `offset` ms later: what is left of it within the cadence. */
  start(offset: number): void {
    this.#offset = offset
    this.#due = performance.now() + this.#phase
    if (this.#phase === 0) this.#tick()
    else this.#timer = setTimeout(() => this.#tick(), this.#phase)
  }

  /** Waits for a run that is under way, so that what it measured is queued; one that takes too long is aborted. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, maxLastRunMs)
    })
    await Promise.race([this.#running, limit])
    clearTimeout(timer)
    this.#stopping.abort(new Error('the agent is stopping'))
    await this.#collector?.stop?.()
  }

  collectNow(): void {
    if (this.#stopping.signal.aborted || this.#running || this.#overdue) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
  }

  setCadence(ms: number): void {
    this.#agentCadenceMs = ms
    if (this.#task.cadenceMs !== undefined || !this.#timer || this.#stopping.signal.aborted) return
    clearTimeout(this.#timer)
    this.#due = performance.now() + this.#phase
    this.#wait()
  }

  get #cadenceMs(): number {
    return this.#task.cadenceMs ?? this.#agentCadenceMs
  }

  get #phase(): number {
    return this.#offset % this.#cadenceMs
  }

  #tick(): void {
    this.collectNow()
    this.#wait()
  }

  /** The next multiple of the cadence: the time that collecting takes adds up to no drift. */
  #wait(): void {
    const cadence = this.#cadenceMs
    const now = performance.now()
    const missed = Math.max(0, Math.floor((now - this.#due) / cadence))
    // The first retry comes at the next cadence.
    const doublings = Math.max(0, this.#failures - 1)
    const skipped = Math.floor(
      (Math.min(cadence * 2 ** doublings, Math.max(cadence, maxBackoffMs)) - cadence) / cadence,
    )
    this.#due += (missed + 1 + skipped) * cadence
    this.#timer = setTimeout(() => this.#tick(), this.#due - now)
  }

  async #run(): Promise<void> {
    try {
      const collected = await this.#collect()
      const isQueued = await this.#emit(collected)
      // What has no room in the outbox is read again from its source.
      if (isQueued) await collected.commit?.()
      const [problem] = collected.problems ?? []
      this.#failures = 0
      this.#setState(problem === undefined ? 'ok' : 'partial', problem)
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#fail(error)
    }
    this.#watchDevices()
  }

  async #collect(): Promise<Collected> {
    const timeout = AbortSignal.timeout(this.#task.timeoutMs)
    const signal = AbortSignal.any([this.#stopping.signal, timeout])
    this.#overdue = true
    const work = (async () => {
      this.#collector ??= await this.#task.create()
      return this.#collector.collect(signal)
    })().finally(() => {
      this.#overdue = false
    })
    try {
      return await abortable(work, signal)
    } catch (error) {
      throw timeout.aborted ? new Error(`no result within ${this.#task.timeoutMs / 1000} s`) : error
    }
  }

  async #emit({ measurements = [], cases = [], past = false }: Collected): Promise<boolean> {
    let isQueued = true
    for (let from = 0; from < measurements.length; from += maxRecords) {
      const portion = { measurements: measurements.slice(from, from + maxRecords), past }
      isQueued = (await this.#events.emit(portion)) && isQueued
    }
    for (let from = 0; from < cases.length; from += maxRecords) {
      isQueued = (await this.#events.emit({ cases: cases.slice(from, from + maxRecords), past })) && isQueued
    }
    this.#state = { ...this.#state, records: this.#state.records + measurements.length + cases.length }
    return isQueued
  }

  #fail(error: unknown): void {
    this.#failures += 1
    this.#logger.error({ failures: this.#failures, err: error }, 'collector failed')
    this.#setState('failing', messageOf(error))
  }

  #setState(state: CollectorState['state'], error: string | undefined): void {
    const { error: _, ...before } = this.#state
    const isNew = before.state !== state
    if (isNew && state === 'partial') this.#logger.warn({ problem: error }, 'collector read only a part of its source')
    if (isNew && state === 'ok' && before.state !== 'starting') this.#logger.info('collector recovered')
    this.#state = {
      ...before,
      state,
      since: isNew ? Date.now() : before.since,
      ...(error === undefined ? {} : { error: error.slice(0, maxErrorLength) }),
    }
    if (isNew) this.#events.changed()
  }

  /** Rows of a source may name devices that were not known before. */
  #watchDevices(): void {
    const ids = this.#idsOfDevices()
    if (ids === this.#deviceIds) return
    this.#deviceIds = ids
    this.#events.changed()
  }

  #idsOfDevices(): string {
    return (this.#collector?.devices() ?? []).map(({ id }) => id).join(' ')
  }
}

/** Rejects as soon as the signal is aborted, whether or not `work` heeds it. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    // Nobody else handles what an abandoned run throws.
    work.catch(() => undefined)
  }
}
