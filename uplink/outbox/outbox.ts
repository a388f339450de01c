import { randomBytes } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { UpChannel } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { type MachineClock, machineClock } from './clock.ts'
import { isCorrupt, openDatabase, setAside } from './database.ts'

export interface OutboxSettings {
  readonly folder: string
  /** Most that the queued messages may take, in bytes of JSON plus `rowOverhead` each. */
  readonly maxBytes: number
  /** Longest that a message may wait, in ms of the time that passes while the machine runs. */
  readonly maxAgeMs: number
  readonly clock?: MachineClock
}

/** What a queued message may be published on. */
export type DataChannel = Exclude<UpChannel, 'status'>

/** How a message is queued. */
export interface PutOptions {
  /**
   * How far the source of this channel has been read, with these records. It is saved in the transaction that queues them, so
   * that a source that can be read again is neither read twice nor left out in part, wherever the process ends.
   */
  readonly position?: number
  /** The records were measured long before: the message is backlog from the start. */
  readonly past?: boolean
}

/** A queued message; `records` is the JSON text of its records, as it goes on the wire. */
export interface QueuedMessage {
  readonly seq: number
  /** When it was queued: ms since 1970 of this machine's clock, which may have been set since. */
  readonly at: number
  /** When it was queued, on the outbox's own clock in ms, which only runs forward. */
  readonly ticks: number
  /** Number of the machine's start during which it was queued. */
  readonly boot: number
  readonly channel: DataChannel
  /** 1 where it was queued as backlog. */
  readonly past: number
  readonly records: string
}

/** What a row costs beyond its JSON: key, time, page slack. */
export const rowOverhead = 64

interface State {
  epoch: string
  seq: number
  lost: number
  session: number
  /** Highest seq of the epoch that was acknowledged. */
  acknowledged: number
  /** The outbox's own clock in ms, as of `uptime` of this `boot`: it stands still while the machine is off. */
  ticks: number
  uptime: number
  /** Counts the starts of the machine, whose name for the last one is `boot_id`. */
  boot: number
  boot_id: string
}

const columns = 'epoch, seq, lost, session, acknowledged, ticks, uptime, boot, boot_id'
const messageColumns = 'seq, at, ticks, boot, channel, past, records'

const unused: State = {
  epoch: '',
  seq: 0,
  lost: 0,
  session: 0,
  acknowledged: 0,
  ticks: 0,
  uptime: 0,
  boot: 0,
  boot_id: '',
}

/**
 * The agent's messages on disk, from when they were collected until the broker acknowledged them.
 *
 * Each message takes the next `seq` of the epoch in the transaction that stores it, and leaves it delivered (`ack`) or
 * dropped and counted in `lost`, so that at any time `seq = acknowledged + queued + lost`. A message that could not be
 * stored takes its seq, counted as lost, with the next one that can.
 *
 * An epoch ends when its file is lost, and once after each start, as soon as all of its numbers are acknowledged: that costs
 * nothing, and an outbox that was restored from a snapshot, or copied with a disk image, does not go on with numbers that
 * another one gave to other messages.
 *
 * The age of a message is measured on a clock of the outbox's own, which the setting of the wall clock does not move.
 *
 * A message that was tried is not dropped: the broker may have it, and it would be counted twice. The uplink repeats
 * what it tried before anything else, so that never more than its window are exempt.
 */
export class Outbox {
  readonly #settings: OutboxSettings
  readonly #logger: Logger
  readonly #clock: MachineClock
  #database: DatabaseSync | undefined
  readonly #statements = new Map<string, StatementSync>()
  #state: State = unused
  /** `ticks` when it was started. */
  #startTicks = 0
  /** The epoch was begun before this start. */
  #inherited = false
  #queued = 0
  #bytes = 0
  /** Messages that got no room on the disk, and no seq yet. */
  #unnumbered = 0
  /** Acknowledged messages that a full disk did not let us delete yet. */
  readonly #undeleted = new Set<number>()
  /** Kept in memory beside its table, so that a full disk cannot make us forget what was tried. */
  readonly #tried = new Set<number>()
  #dropping = false
  /** What the disk did not take last; undefined once it took something. */
  #failure: string | undefined
  readonly #positions = new Map<DataChannel, number>()

  constructor(settings: OutboxSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
    this.#clock = settings.clock ?? machineClock()
  }

  /**
   * Opens the file, or begins a new epoch where there is none that can be read.
   * @throws IocError FOLDER_UNUSABLE, DISK_FULL
   */
  start(): void {
    const { database, setAside: damaged } = openDatabase(this.#settings.folder)
    this.#database = database
    if (damaged) this.#logger.error({ damaged }, 'outbox was damaged: moved aside, starting a new epoch')
    try {
      this.#load()
    } catch (error) {
      if (!isCorrupt(error)) throw error
      this.#beginAgain(error)
    }
    this.#startTicks = this.#ticks()
    this.#inherited = true
    this.#renewEpoch()
  }

  /** Closes the file. What is queued stays on disk. */
  stop(): void {
    if (!this.#database) return
    this.#tryWrite('save its state', () => this.#saveState(this.#withUnnumbered(0)))
    this.#close()
  }

  /** Names this outbox since its last new beginning: a slug. */
  get epoch(): string {
    return this.#state.epoch
  }

  /** Highest seq given in this epoch. */
  get seq(): number {
    return this.#state.seq
  }

  /** Messages of this epoch that were dropped, of those that have a seq. */
  get lost(): number {
    return this.#state.lost
  }

  /** Messages that found no room on the disk, and are counted in `lost` as soon as one does. */
  get unnumbered(): number {
    return this.#unnumbered
  }

  /** Messages that wait for their acknowledgement. */
  get queued(): number {
    return this.#queued - this.#undeleted.size
  }

  /** How far the source of a channel has been read: the last `position` of a message that was queued for it. */
  position(channel: DataChannel): number | undefined {
    return this.#positions.get(channel)
  }

  /**
   * Queues measurements as one message. Returns its seq once it is on the disk (fsync); `undefined` where the disk did not
   * take it or the bounds leave no room for it: it is counted as lost.
   * @throws IocError DISK_FULL, FOLDER_UNUSABLE only where a damaged file could not be replaced by a new one
   */
  put(records: readonly MeasurementRecord[], options?: PutOptions): number | undefined {
    return this.#queue('telemetry', records, options)
  }

  /** Queues versions of cases as one message, as `put` does. */
  putCases(records: readonly CaseRecord[], options?: PutOptions): number | undefined {
    return this.#queue('cases', records, options)
  }

  #queue(
    channel: DataChannel,
    records: readonly unknown[],
    { position, past = false }: PutOptions = {},
  ): number | undefined {
    const text = JSON.stringify(records)
    const bytes = Buffer.byteLength(text) + rowOverhead
    const state = this.#withUnnumbered(1)
    const stored = this.#tryWrite('queue a message', () => {
      this.#run(
        'INSERT INTO messages (seq, at, bytes, records, ticks, boot, channel, past) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        state.seq,
        this.#clock.now(),
        bytes,
        text,
        this.#ticks(),
        state.boot,
        channel,
        Number(past),
      )
      if (position !== undefined) this.#savePosition(channel, position)
      const acknowledged = this.#deleteAcknowledged()
      const dropped = this.#dropBeyondBounds(this.#bytes + bytes - acknowledged.bytes)
      state.lost += dropped.messages
      this.#saveState(state)
      return { acknowledged, dropped }
    })
    if (!stored) {
      this.#unnumbered += 1
      return undefined
    }
    const { acknowledged, dropped } = stored
    this.#state = state
    this.#unnumbered = 0
    if (position !== undefined) this.#positions.set(channel, position)
    this.#queued += 1
    this.#bytes += bytes
    this.#evictAcknowledged(acknowledged)
    this.#subtract(dropped)
    this.#reportDrops(dropped.messages)
    return dropped.newest === state.seq ? undefined : state.seq
  }

  /** The oldest message above `after` that was not tried. */
  next(after = 0): QueuedMessage | undefined {
    let seq = after
    for (;;) {
      const message = this.#read<QueuedMessage>(
        `SELECT ${messageColumns} FROM messages WHERE seq > ? ORDER BY seq LIMIT 1`,
        seq,
      )
      if (!message || !this.#tried.has(message.seq)) return message
      seq = message.seq
    }
  }

  /** The message `seq`, while it is queued. */
  get(seq: number): QueuedMessage | undefined {
    return this.#read(`SELECT ${messageColumns} FROM messages WHERE seq = ?`, seq)
  }

  /** The wall clock, in ms since 1970. */
  now(): number {
    return this.#clock.now()
  }

  /** Whether a message waited for longer than `ms`, or for a start of the agent, or was backlog from the start. */
  isOlder({ ticks, past }: QueuedMessage, ms: number): boolean {
    return past === 1 || ticks < this.#ticksBefore(ms)
  }

  /** The highest seq that is older than `ms`, 0 where there is none. */
  lastOlder(ms: number): number {
    const sql = 'SELECT seq FROM messages WHERE ticks < ? ORDER BY seq DESC LIMIT 1'
    return this.#read<{ seq: number }>(sql, this.#ticksBefore(ms))?.seq ?? 0
  }

  /**
   * By how much the wall clock was set since a message was queued, in ms. 0 where that is not known: the machine was
   * started since.
   */
  clockStep({ at, ticks, boot }: QueuedMessage): number {
    return boot === this.#state.boot ? this.#clock.now() - at - (this.#ticks() - ticks) : 0
  }

  /** Messages that were given to a broker and not acknowledged, also before a restart; oldest first. */
  tried(): number[] {
    return [...this.#tried].filter((seq) => !this.#undeleted.has(seq)).sort((a, b) => a - b)
  }

  /** Marks a message as about to be given to the broker: from here on it is not dropped. */
  markTried(seq: number): void {
    if (this.#tried.has(seq)) return
    this.#tried.add(seq)
    // Without fsync: it survives kill -9. After a power cut a mark may be missing, and at worst a message that the
    // broker has is counted as lost too.
    this.#unsynced('mark a message', () => this.#run('INSERT OR IGNORE INTO tried VALUES (?)', seq))
  }

  /** Removes messages that the broker acknowledged. */
  ack(seqs: Iterable<number>): void {
    const state = { ...this.#state }
    for (const seq of seqs) {
      this.#undeleted.add(seq)
      state.acknowledged = Math.max(state.acknowledged, seq)
    }
    // Without fsync: an acknowledgement that a power cut undoes becomes a duplicate, which the centre removes.
    const freed = this.#unsynced('delete acknowledged messages', () => {
      this.#saveState(state)
      return this.#deleteAcknowledged()
    })
    if (!freed) return
    this.#state = state
    this.#evictAcknowledged(freed)
    this.#renewEpoch()
  }

  /** The next session number: the clock in ms, and always above the last one, also over restarts. */
  nextSession(): number {
    const session = Math.max(this.#clock.now(), this.#state.session + 1)
    this.#state = { ...this.#state, session }
    this.#tryWrite('save the session', () => this.#saveState(this.#state))
    return session
  }

  #load(): void {
    const row = this.#prepare(`SELECT ${columns} FROM state`).get() as unknown as State | undefined
    const { boot } = this.#clock
    const uptime = Math.round(this.#clock.uptime())
    if (row) {
      const sameBoot = row.boot_id === boot && row.uptime <= uptime
      // One more, so that what was queued before a start is older than it.
      const ticks = row.ticks + (sameBoot ? uptime - row.uptime : 0) + 1
      this.#state = { ...row, ticks, uptime, boot: row.boot + (sameBoot ? 0 : 1), boot_id: boot }
      // On a full disk the agent starts all the same: the state is saved with the first message that finds room.
      this.#tryWrite('save its state', () => this.#saveState(this.#state))
    } else {
      this.#state = { ...unused, epoch: newEpoch(), uptime, boot: 1, boot_id: boot }
      this.#run('INSERT INTO state (one, epoch, seq, lost, session) VALUES (1, ?, 0, 0, 0)', this.#state.epoch)
      this.#saveState(this.#state)
    }
    const sums = this.#prepare('SELECT count(*) AS queued, coalesce(sum(bytes), 0) AS bytes FROM messages').get()
    this.#positions.clear()
    for (const { channel, position } of this.#prepare('SELECT channel, position FROM positions').all()) {
      this.#positions.set(channel as DataChannel, Number(position))
    }
    this.#tried.clear()
    for (const { seq } of this.#prepare('SELECT seq FROM tried').all()) this.#tried.add(Number(seq))
    this.#queued = Number(sums?.['queued'])
    this.#bytes = Number(sums?.['bytes'])
  }

  #close(): void {
    this.#statements.clear()
    this.#database?.close()
    this.#database = undefined
  }

  /**
   * Puts a damaged file away while running. What it held is gone with its epoch; the session stays monotonic, and sources are
   * read on from where they were.
   */
  #beginAgain(cause: unknown): void {
    const { session } = this.#state
    const positions = [...this.#positions]
    try {
      this.#close()
    } catch {
      this.#database = undefined
    }
    const damaged = setAside(this.#settings.folder)
    this.#logger.error({ damaged, err: cause }, 'outbox is damaged: moved aside, starting a new epoch')
    this.#undeleted.clear()
    this.#unnumbered = 0
    this.#database = openDatabase(this.#settings.folder).database
    this.#load()
    this.#state = { ...this.#state, session }
    for (const [channel, position] of positions) {
      this.#savePosition(channel, position)
      this.#positions.set(channel, position)
    }
    this.#startTicks = this.#ticks()
    this.#inherited = false
  }

  /** Begins the one new epoch of this start, where all of the last one is known to the centre. */
  #renewEpoch(): void {
    const { seq, acknowledged } = this.#state
    if (!this.#inherited || this.queued > 0 || this.#unnumbered > 0 || acknowledged < seq) return
    const state = { ...this.#state, epoch: newEpoch(), seq: 0, lost: 0, acknowledged: 0 }
    const renewed = this.#tryWrite('begin an epoch', () => {
      this.#saveState(state)
      return true
    })
    if (!renewed) return
    this.#inherited = false
    this.#state = state
  }

  /** The outbox's own clock, in ms. */
  #ticks(): number {
    const { ticks, uptime } = this.#state
    return ticks + Math.max(0, Math.round(this.#clock.uptime()) - uptime)
  }

  #ticksBefore(ms: number): number {
    return Math.max(this.#startTicks, this.#ticks() - ms)
  }

  #withUnnumbered(more: number): State {
    const { seq, lost } = this.#state
    return { ...this.#state, seq: seq + this.#unnumbered + more, lost: lost + this.#unnumbered }
  }

  #evictAcknowledged(freed: Freed): void {
    this.#subtract(freed)
    for (const seq of this.#undeleted) this.#tried.delete(seq)
    this.#undeleted.clear()
  }

  #subtract(freed: Freed): void {
    this.#queued -= freed.messages
    this.#bytes -= freed.bytes
  }

  /** One line when a time of dropping begins, not one for each message of a week without a network. */
  #reportDrops(messages: number): void {
    if (messages > 0 && !this.#dropping) {
      this.#logger.warn({ lost: this.#state.lost }, 'outbox has reached its limit: dropping the oldest messages')
    }
    this.#dropping = messages > 0
  }

  #saveState({ epoch, seq, lost, session, acknowledged, boot, boot_id }: State): void {
    // Both parts of the clock, as of now: after a start, it goes on from them.
    this.#run(
      `UPDATE state SET (${columns}) = (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[epoch, seq, lost, session, acknowledged, this.#ticks(), Math.round(this.#clock.uptime()), boot, boot_id],
    )
  }

  #savePosition(channel: DataChannel, position: number): void {
    this.#run(
      'INSERT INTO positions VALUES (?, ?) ON CONFLICT (channel) DO UPDATE SET position = excluded.position',
      channel,
      position,
    )
  }

  #deleteAcknowledged(): Freed {
    const freed = { messages: 0, bytes: 0 }
    for (const seq of this.#undeleted) {
      const row = this.#prepare('DELETE FROM messages WHERE seq = ? RETURNING bytes').get(seq)
      this.#run('DELETE FROM tried WHERE seq = ?', seq)
      if (!row) continue
      freed.messages += 1
      freed.bytes += Number(row['bytes'])
    }
    return freed
  }

  #dropBeyondBounds(bytes: number): Freed & { newest: number } {
    const dropped = { messages: 0, bytes: 0, newest: 0 }
    const oldestAllowed = this.#ticks() - this.#settings.maxAgeMs
    let seq = 0
    for (;;) {
      const row = this.#prepare('SELECT seq, ticks, bytes FROM messages WHERE seq > ? ORDER BY seq LIMIT 1').get(seq)
      if (!row) return dropped
      seq = Number(row['seq'])
      if (this.#tried.has(seq)) continue
      const tooMany = bytes - dropped.bytes > this.#settings.maxBytes
      if (!tooMany && Number(row['ticks']) >= oldestAllowed) return dropped
      this.#run('DELETE FROM messages WHERE seq = ?', seq)
      dropped.messages += 1
      dropped.bytes += Number(row['bytes'])
      dropped.newest = seq
    }
  }

  #read<T>(sql: string, value: number): T | undefined {
    try {
      return this.#prepare(sql).get(value) as T | undefined
    } catch (error) {
      this.#onFailure('read the outbox', error)
      return undefined
    }
  }

  #unsynced<T>(what: string, operation: () => T): T | undefined {
    const database = this.#open()
    database.exec('PRAGMA synchronous = NORMAL')
    try {
      return this.#tryWrite(what, operation)
    } finally {
      // The file may have been replaced meanwhile.
      this.#open().exec('PRAGMA synchronous = FULL')
    }
  }

  /** Runs a transaction. A disk that does not take it is logged, and `undefined` returned. */
  #tryWrite<T>(what: string, operation: () => T): T | undefined {
    const database = this.#open()
    try {
      database.exec('BEGIN IMMEDIATE')
      const result = operation()
      database.exec('COMMIT')
      this.#reportFailure(undefined, undefined)
      return result
    } catch (error) {
      // SQLite has already rolled back after some of its errors.
      if (database.isTransaction) database.exec('ROLLBACK')
      this.#onFailure(what, error)
      return undefined
    }
  }

  #onFailure(what: string, error: unknown): void {
    if (isCorrupt(error)) this.#beginAgain(error)
    else this.#reportFailure(`outbox could not ${what}`, error)
  }

  /** One line when the disk fails, not one for each message of a week with a full disk. */
  #reportFailure(failure: string | undefined, error: unknown): void {
    const last = this.#failure
    this.#failure = failure
    if (failure !== undefined && failure !== last) this.#logger.error({ err: error }, failure)
    if (failure === undefined && last !== undefined) this.#logger.info('outbox can be written again')
  }

  #open(): DatabaseSync {
    if (!this.#database) throw new Error('the outbox has not been started')
    return this.#database
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#open().prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #run(sql: string, ...values: (number | string)[]): void {
    this.#prepare(sql).run(...values)
  }
}

interface Freed {
  messages: number
  bytes: number
}

function newEpoch(): string {
  return `e${randomBytes(6).toString('hex')}`
}
