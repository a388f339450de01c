import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { linesOfAppendFile, openAppendFile } from '@ioc/runtime/append-file.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'

/**
 * Facts on disk, before their effects are carried out. A line is a check sum, a space, and the time and facts of one step
 * as JSON; a snapshot is the first line of a file.
 */
export interface FactJournal<S, F> {
  /** The state that the journal holds when it is opened. */
  readonly state: S
  /** When it returns, the facts that led to the state are on the disk. @throws Error of the system, e.g. a full disk */
  append(state: S, facts: readonly F[]): void
  stop(): void
}

/** How facts make a state. */
export interface Folding<S, F> {
  readonly empty: S
  fold(before: S, at: number, facts: readonly F[]): S
  /** Facts that lead from the empty state to this one. */
  factsOf(state: S): readonly F[]
}

interface Entry<F> {
  readonly version: typeof version
  readonly at: number
  readonly facts: readonly F[]
}

const version = 1
/** Bytes after which the journal is replaced by a snapshot, unless the snapshot itself is longer. */
const maxBytes = 4_000_000

/** @throws IocError JOURNAL_INVALID, FOLDER_UNUSABLE */
export function openFactJournal<S extends { readonly now: number }, F>(
  folder: string,
  fileName: string,
  folding: Folding<S, F>,
  compactBytes = maxBytes,
): FactJournal<S, F> {
  ensureFolder(folder)
  const path = join(folder, fileName)
  const { state, bytes } = readJournal(path, folding)
  const file = openAppendFile(path, bytes)
  const entryOf = (of: S, facts: readonly F[]): Entry<F> => ({ version, at: of.now, facts })
  let snapshotLength = 0
  return {
    state,
    append(of, facts) {
      if (facts.length === 0) return
      file.append(entryOf(of, facts))
      if (file.length <= Math.max(compactBytes, 2 * snapshotLength)) return
      file.replaceBy(entryOf(of, folding.factsOf(of)))
      snapshotLength = file.length
    },
    stop: () => file.close(),
  }
}

/** The state of all whole lines of a journal, and their length in bytes. */
function readJournal<S, F>(
  path: string,
  { empty, fold }: Folding<S, F>,
): { readonly state: S; readonly bytes: number } {
  let state = empty
  let bytes = 0
  for (const line of linesOfAppendFile(path)) {
    // Only the last write can be incomplete; anything after it was written later.
    if (bytes < line.at) throw damaged(path, bytes)
    const entry = line.value as Entry<F> | undefined
    if (!entry) continue
    if (entry.version !== version) throw damaged(path, line.at)
    state = fold(state, entry.at, entry.facts)
    bytes = line.end
  }
  return { state, bytes }
}

function damaged(path: string, at: number): IocError {
  return new IocError(
    'JOURNAL_INVALID',
    `the journal ${path} cannot be read from byte ${at} on: restore a backup, or move the file away to start without incidents`,
  )
}
