import type { LiveConnection, LiveLiveness } from '@ioc/contract/messages/live.ts'
import type { LogRecord } from '@ioc/ingest-log/ingest-log.ts'
import { calendarOf, emptyCalendar } from '@ioc/runtime/district/calendar.ts'
import type { Engine, EngineOptions } from '../engine/engine.ts'
import { createSavedState, testEngine } from './engine.ts'

/** A device of a birth. */
export interface BornDevice {
  readonly id: string
  readonly type?: string
  readonly cadence_s?: number
  readonly lat?: number
  readonly lon?: number
}

export interface SentRecord {
  readonly device: string
  readonly ts: number
  readonly type?: string
  readonly values: Readonly<Record<string, unknown>>
}

/** What a node sends: with `error`, its clock is ahead by so much, in ms. */
export function telemetryOf(
  { site, node, seq, arrival, error = 0 }: { site: string; node: string; seq: number; arrival: number; error?: number },
  records: readonly SentRecord[],
): LogRecord {
  const message = {
    ...{ epoch: 'e', seq, sent: arrival + error },
    records: records.map((one) => ({ ...one, ts: one.ts + error })),
  }
  return { kind: 'telemetry', site, node, arrival, payload: Buffer.from(JSON.stringify(message)) }
}

export function statusOf(site: string, node: string, arrival: number, devices?: readonly BornDevice[]): LogRecord {
  const agent = { version: '1', host: 'h' }
  const status = devices ? { online: true, session: 1, agent, devices } : { online: false, session: 1 }
  return { kind: 'status', site, node, arrival, payload: Buffer.from(JSON.stringify(status)) }
}

export function connectionOf(site: string, node: string, arrival: number, connected = true, cloned = false): LogRecord {
  const connection = { connected, connection: `${site}/${node}`, ...(cloned ? { cloned } : {}) }
  const payload = Buffer.from(JSON.stringify(connection))
  return { kind: 'connection', site, node, arrival, payload }
}

export const livenessOf = (engine: Engine): Map<string, LiveLiveness> =>
  new Map(readAll<LiveLiveness>(engine, 'liveness').map((one) => [`${one.site}/${one.device}`, one]))

export const nodesOf = (engine: Engine): Map<string, LiveConnection> =>
  new Map(readAll<LiveConnection>(engine, 'connection').map((one) => [`${one.site}/${one.node}`, one]))

function readAll<T>(engine: Engine, kind: string): T[] {
  return engine
    .snapshot()
    .filter(({ topic }) => topic.includes(`/_live/${kind}/`))
    .map(({ read }) => read() as T)
}

/** An engine that can be restarted from what it saved; without options it computes no indicator. */
export function livingEngine(options: Partial<EngineOptions> = {}) {
  const state = createSavedState()
  const completeness = {
    indicators: [],
    cadences: 3,
    calendar: calendarOf({ ...emptyCalendar, working_days: [1, 2, 3, 4, 5] }),
  }
  const create = () => testEngine({ indicators: [], completeness, archiveOf: state.archiveOf, ...options })
  let engine = create()
  let offset = 0
  return {
    get engine() {
      return engine
    },
    process(...records: readonly LogRecord[]) {
      const output = engine.process({ offset, records, next: offset + records.length })
      offset += records.length
      return output
    },
    tick: (now: number, isPaused = false) => engine.tick(now, isPaused),
    restart() {
      state.take(engine.changes({ live: offset, backlog: 0 }))
      engine = create()
      engine.restore(state.saved())
    },
  }
}
