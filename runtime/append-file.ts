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
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { syncFolder } from './private-file.ts'

/** Read by the user and the group of the process. */
const fileMode = 0o640

/** A file that grows by whole lines. A line is a check sum, a space, and a value as JSON. */
export interface AppendFile {
  /** In bytes. */
  readonly length: number
  /** When it returns, the value is on the disk. @throws Error of the system, e.g. a full disk: the file is as it was */
  append(value: unknown): void
  /** Replaces all lines by one: after a crash the file is the old or the new one. */
  replaceBy(value: unknown): void
  close(): void
}

/**
 * @param bytes the whole lines of what is there: the rest was cut off by a crash, was never acknowledged, and is removed
 */
export function openAppendFile(path: string, bytes: number): AppendFile {
  if (existsSync(path)) truncateSync(path, bytes)
  let file = openSync(path, 'a', fileMode)
  let length = bytes
  syncFolder(dirname(path))
  return {
    get length() {
      return length
    },
    append(value) {
      const line = lineOf(value)
      try {
        writeAll(file, line)
        fsyncSync(file)
      } catch (error) {
        // Half a line in the middle would make all that follows unreadable.
        ftruncateSync(file, length)
        throw error
      }
      length += line.length
    },
    replaceBy(value) {
      const draft = `${path}.new`
      const line = lineOf(value)
      const next = openSync(draft, 'w', fileMode)
      writeAll(next, line)
      fsyncSync(next)
      renameSync(draft, path)
      syncFolder(dirname(path))
      closeSync(file)
      file = next
      length = line.length
    },
    close: () => closeSync(file),
  }
}

/** A line of an append file. */
export interface AppendedLine {
  /** undefined: it does not match its check sum. */
  readonly value: unknown
  /** Whether the line feed is missing: the write was cut off. */
  readonly isCut: boolean
  /** Where it begins, and where the next one does, in bytes. */
  readonly at: number
  readonly end: number
}

/** The lines of a file; one that is cut off comes last. */
export function* linesOfAppendFile(path: string): Generator<AppendedLine> {
  const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  for (let at = 0; at < content.length; ) {
    const feed = content.indexOf('\n', at)
    const isCut = feed < 0
    const end = isCut ? content.length : feed + 1
    yield { value: isCut ? undefined : parseLine(content.subarray(at, feed)), isCut, at, end }
    at = end
  }
}

function lineOf(value: unknown): Buffer {
  const text = JSON.stringify(value)
  return Buffer.from(`${checkSum(Buffer.from(text))} ${text}\n`)
}

function parseLine(line: Buffer): unknown {
  const space = line.indexOf(' ')
  const text = line.subarray(space + 1)
  if (space < 0 || line.toString('latin1', 0, space) !== checkSum(text)) return undefined
  return JSON.parse(text.toString())
}

function checkSum(text: Buffer): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
