import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { versionPattern } from '@ioc/contract/messages/agent-release.ts'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'

/** Starts of a version on trial that may end before its gate. */
export const maxTrialStarts = 3
/** Times that a version may be reverted on a node before it is not tried again. */
export const maxReverts = 2

/** What an agent did well before an update: what the gate compares with. */
export interface Baseline {
  /** Collectors in the state `ok`. */
  readonly collectorsOk: number
}

/** A version that has to pass the gate. */
export interface Trial {
  readonly baseline: Baseline
  /** Starts so far. */
  readonly starts: number
}

/** A version that was reverted on this node. */
export interface Reverted {
  readonly times: number
  /** Why, the last time. */
  readonly reason: string
}

/**
 * Which version runs: one file, so that it is switched as a whole. `null` is the version that the installer put beside the
 * launcher, which no update changes.
 */
export interface Pointer {
  readonly current: string | null
  /** What ran before. */
  readonly previous: string | null
  /** While the current version is on trial. */
  readonly trial?: Trial
  /** By version. */
  readonly reverted: Readonly<Record<string, Reverted>>
  /** The version that was last reverted, until an update is confirmed. */
  readonly lastReverted?: string
  /** When the newest release was signed that this node has verified, in ms since 1970, UTC. */
  readonly newestSigned?: number
}

const installed: Pointer = { current: null, previous: null, reverted: {} }

/** Where versions are that came by update. */
export const versionsFolder = (dataDir: string): string => join(dataDir, 'versions')

const pointerFile = (versions: string): string => join(versions, 'current.json')
const isVersion = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && new RegExp(versionPattern).test(value))

/** The pointer; a missing or damaged one points to the installed version. */
export function readPointer(versions: string): Pointer {
  const read = readPrivateJson(pointerFile(versions)) as Partial<Pointer> | undefined
  if (typeof read !== 'object' || read === null || !isVersion(read.current) || !isVersion(read.previous)) {
    return installed
  }
  return { ...installed, ...read }
}

/** Replaces the pointer: after a power cut it is the old or the new one. */
export function writePointer(versions: string, pointer: Pointer): void {
  writePrivateJson(pointerFile(versions), pointer)
}

/** What becomes of a version on trial. */
export type Outcome = 'confirmed' | 'reverted'

const outcomes = ['confirmed', 'reverted'] as const satisfies readonly Outcome[]
const preparedFile = (versions: string, outcome: Outcome): string => join(versions, `${outcome}.json`)

/** The reason of a revert whose own found no room on the disk. */
const fullDiskReason = 'the reason found no room on the disk'

/**
 * Switches to a version on trial. Both outcomes are written beforehand, while there is room: `decide` puts one of them into force
 * on a full disk too, by a rename.
 */
export function startTrial(versions: string, trial: Pointer): void {
  writePrivateJson(preparedFile(versions, 'confirmed'), confirmed(trial))
  writePrivateJson(preparedFile(versions, 'reverted'), reverted(trial, fullDiskReason))
  writePointer(versions, trial)
}

/**
 * Replaces the pointer of a version on trial. Where the disk does not take it, the one that was prepared comes into force.
 * @throws Error where there is none, or the disk is read-only
 */
export function decide(versions: string, outcome: Outcome, pointer: Pointer): void {
  try {
    writePointer(versions, pointer)
  } catch (error) {
    const prepared = preparedFile(versions, outcome)
    if (!existsSync(prepared)) throw error
    renameSync(prepared, pointerFile(versions))
  }
  for (const one of outcomes) rmSync(preparedFile(versions, one), { force: true })
}

/** The pointer after a switch to a version, which is on trial then. */
export function switched(pointer: Pointer, version: string, baseline: Baseline): Pointer {
  return { ...pointer, previous: pointer.current, current: version, trial: { baseline, starts: 0 } }
}

/** The pointer after the gate was passed. */
export function confirmed({ trial: _, lastReverted: __, ...pointer }: Pointer): Pointer {
  return pointer
}

/** The pointer after the gate was missed: the previous version is in force again. */
export function reverted({ trial: _, ...pointer }: Pointer, reason: string): Pointer {
  const { current, previous } = pointer
  if (current === null) return pointer
  const times = (pointer.reverted[current]?.times ?? 0) + 1
  return {
    ...pointer,
    current: previous,
    previous: null,
    reverted: { ...pointer.reverted, [current]: { times, reason } },
    lastReverted: current,
  }
}

/** The program of a version, below its folder. */
export const programOf = (folder: string): string => join(folder, 'lib', 'ioc-agent.mjs')
/** The Node of a version. */
export const runtimeOf = (folder: string): string => join(folder, process.platform === 'win32' ? 'node.exe' : 'node')

/** Whether a folder has a version that can be started. */
export const isComplete = (folder: string): boolean => existsSync(programOf(folder)) && existsSync(runtimeOf(folder))
