import type { LifeState, LiveCondition } from '@ioc/contract/messages/live.ts'
import type { LiveSource } from '../live-source.ts'
import { type Intervals, intervalsOf, maxGaps } from './cadence.ts'
import type { ClockRun } from './clock-check.ts'
import type { MetricRun } from './metric-run.ts'

/** What a device measures as one type. Times are event times, in ms. */
export interface TypeLife {
  /** The newest measurement that is a sign of life; -1: none. */
  last: number
  /** The last gaps between measurements, in ms, and where the next one goes. */
  readonly gapsMs: number[]
  next: number
  declared_s: number | undefined
  intervals: Intervals
  /** Records in a row with the same numbers, and the first of them. */
  sameFrom: number
  samePoints: number
  readonly runs: Map<string, MetricRun>
}

/** The liveness of one device. */
export interface Life {
  readonly site: string
  readonly device: string
  node: string
  state: LifeState
  /** When it became known, in ms of arrival. */
  readonly known: number
  /** The newest measurement, and the first one after the last gap; -1: none. */
  last: number
  began: number
  readonly types: Map<string, TypeLife>
  clock: ClockRun | undefined
  /** What whoever watches it reports as wrong. Not in state that earlier versions saved. */
  condition?: LiveCondition | undefined
  /** When it is late and silent without another measurement, in ms. */
  lateAt: number
  silentAt: number
  silentMs: number
  /** When its timer is due, in ms. */
  due: number
  source: LiveSource | undefined
}

type SavedType = Omit<TypeLife, 'runs'> & { readonly type: string; readonly runs: [string, MetricRun][] }

/** What is saved of a device. Plain data. */
export type SavedLife = Omit<Life, 'types' | 'due' | 'source'> & { readonly types: SavedType[] }

export const never = -1

export function createTypeLife(last: number, declared_s: number | undefined): TypeLife {
  const intervals = intervalsOf(declared_s, [])
  const same = { sameFrom: last, samePoints: 0 }
  return { last, gapsMs: [], next: 0, declared_s, intervals, ...same, runs: new Map() }
}

/** Gaps after which the intervals are computed anew. */
const gapsPerUpdate = 5

/** Notes a gap between two measurements; returns whether the intervals are computed anew. */
export function noteGap(life: TypeLife, gapMs: number): boolean {
  life.gapsMs[life.next] = gapMs
  life.next = (life.next + 1) % maxGaps
  if (life.next % gapsPerUpdate !== 0) return false
  life.intervals = intervalsOf(life.declared_s, life.gapsMs)
  return true
}

/** A copy that later measurements do not change. */
export function saveLife({ due: _, source: __, types, clock, ...life }: Life): SavedLife {
  const saved = [...types].map(([type, { runs, gapsMs, ...rest }]) => ({
    ...rest,
    type,
    gapsMs: [...gapsMs],
    runs: [...runs].map(([metric, run]): [string, MetricRun] => [metric, { ...run, distinct: [...run.distinct] }]),
  }))
  return { ...life, clock: clock && { ...clock }, types: saved }
}

export function restoreTypes(saved: readonly SavedType[]): Map<string, TypeLife> {
  return new Map(saved.map(({ type, runs, ...life }) => [type, { ...life, runs: new Map(runs) }]))
}
