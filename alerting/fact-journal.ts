import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { IocError } from '@ioc/contract/errors.ts'
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
  // What was cut off in the middle of a line by a crash was never acknowledged.
  if (existsSync(path)) truncateSync(path, bytes)
  let file = openSync(path, 'a', 0o640)
  let length = bytes
  let snapshotLength = 0
  syncFolder(folder)

  function compact(of: S): void {
    const draft = `${path}.new`
    const line = lineOf(of.now, folding.factsOf(of))
    const next = openSync(draft, 'w', 0o640)
    writeAll(next, line)
    fsyncSync(next)
    renameSync(draft, path)
    syncFolder(folder)
    closeSync(file)
    file = next
    length = line.length
    snapshotLength = line.length
  }

  return {
    state,
    append(of, facts) {
      if (facts.length === 0) return
      const line = lineOf(of.now, facts)
      try {
        writeAll(file, line)
        fsyncSync(file)
      } catch (error) {
        // Half a line in the middle would make all that follows unreadable.
        ftruncateSync(file, length)
        throw error
      }
      length += line.length
      if (length > Math.max(compactBytes, 2 * snapshotLength)) compact(of)
    },
    stop: () => closeSync(file),
  }
}

/** The state of all complete lines of a journal, and their length in bytes. */
function readJournal<S, F>(
  path: string,
  { empty, fold }: Folding<S, F>,
): { readonly state: S; readonly bytes: number } {
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  let state = empty
  let at = 0
  while (at < content.length) {
    const end = content.indexOf('\n', at)
    const entry = end < 0 ? undefined : parseLine<F>(content.subarray(at, end))
    if (!entry) {
      // Only the last write can be incomplete; anything after it was written later.
      if (end >= 0 && end + 1 < content.length) throw damaged(path, at)
      break
    }
    if (entry.version !== version) throw damaged(path, at)
    state = fold(state, entry.at, entry.facts)
    at = end + 1
  }
  return { state, bytes: at }
}

function damaged(path: string, at: number): IocError {
  return new IocError(
    'JOURNAL_INVALID',
    `the journal ${path} cannot be read from byte ${at} on: restore a backup, or move the file away to start without incidents`,
  )
}

function lineOf<F>(at: number, facts: readonly F[]): Buffer {
  const text = JSON.stringify({ version, at, facts } satisfies Entry<F>)
  return Buffer.from(`${checkSum(Buffer.from(text))} ${text}\n`)
}

function parseLine<F>(line: Buffer): Entry<F> | undefined {
  const space = line.indexOf(' ')
  const text = line.subarray(space + 1)
  if (space < 0 || line.toString('latin1', 0, space) !== checkSum(text)) return undefined
  return JSON.parse(text.toString()) as Entry<F>
}

function checkSum(text: Buffer): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/** So that the name of a new file survives a power cut too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
